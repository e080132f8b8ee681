import { ignoreRejection } from "./thrown.ts";

/** Where a connection goes: the address to dial, and what may be shown of it. */
export interface Address {
  /** What to dial, without userinfo. */
  readonly url: string;
  readonly origin: string;
  /** What may be shown. */
  readonly shown: string;
  /** The value of an `Authorization` header, from the URL's userinfo. */
  readonly authorization: string | undefined;
}

/** A bad address as the caller gave it; the text does not quote it. */
function invalid(problem: string, name = "WebSocket address"): TypeError {
  return new TypeError(`Invalid ${name}: ${problem}`);
}

/**
 * Parses a full URL, of a WebSocket or to be made one.
 *
 * @param name What an error calls it
 * @throws {TypeError} If it is not an absolute `ws:`, `wss:`, `http:` or `https:` URL without fragment
 */
export function parseAbsolute(address: string | URL, name?: string): URL {
  const text = textOf(address, name);
  refuseUnsendable(text, name);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The runtime's text may quote the URL, and with it a secret.
    throw invalid("it cannot be parsed as an absolute URL", name);
  }
  url.protocol = url.protocol.replace("http", "ws");
  if (url.protocol === "ws:" || url.protocol === "wss:") return url;
  throw invalid(
    `the scheme must be ws, wss, http or https; begin a path that contains a colon with "/"`,
    name,
  );
}

/**
 * The URL of `urlOrPath`: a path is appended to `base`, a full URL taken whole.
 *
 * @throws {TypeError} If it is neither, or could lead away from the base's origin
 */
export function resolveAddress(
  urlOrPath: string | URL,
  base: URL | undefined,
): URL {
  const text = textOf(urlOrPath);
  // A scheme at the start, by the characters that it may have.
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return parseAbsolute(text);
  if (base !== undefined) return appendPath(base, text);
  throw invalid("a path needs the option baseUrl; give a full wss: URL");
}

function textOf(address: string | URL, name?: string): string {
  if (address instanceof URL) return address.href;
  if (typeof address === "string") return address;
  throw invalid(`expected a string or a URL, got ${typeof address}`, name);
}

function refuseUnsendable(text: string, name?: string): void {
  if (text.includes("#")) throw invalid("a fragment (#) is never sent", name);
  for (const character of text) {
    if (character < " " || character === "\x7f") {
      throw invalid("control characters must be percent-encoded", name);
    }
  }
}

function appendPath(base: URL, path: string): URL {
  refuseUnsendable(path);
  if (path.startsWith("//")) {
    throw invalid('a path must not begin with "//": it could name a host');
  }
  if (path.includes("\\")) throw invalid("a path must not contain a backslash");
  const [pathname = "", ...parameters] = path.split("?");
  if (/(^|\/)(\.|%2e){2}(\/|$)/i.test(pathname)) {
    throw invalid('a path must not contain ".." segments');
  }
  const url = new URL(base);
  const tail = pathname.replace(/^\//, "");
  if (tail !== "") url.pathname = url.pathname.replace(/\/?$/, "/") + tail;
  const query = parameters.join("?");
  if (query !== "") url.search += url.search === "" ? query : `&${query}`;
  return url;
}

/** Makes the address of a URL; `redactUrl` has the last word on what is shown. */
export function toAddress(
  url: URL,
  redactUrl: ((url: URL) => string) | undefined,
): Address {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return {
    url: bare.href,
    origin: bare.origin,
    shown: show(bare, redactUrl),
    authorization: authorizationOf(url),
  };
}

function show(url: URL, redactUrl: ((url: URL) => string) | undefined): string {
  const { protocol, host, pathname, search } = url;
  if (redactUrl === undefined) {
    const names = search.replace(/([?&])([^=&]*=)?[^&]*/g, "$1$2…");
    return `${protocol}//${host}${pathname}${names}`;
  }
  try {
    const shown = redactUrl(new URL(url));
    if (typeof shown === "string") return shown;
    ignoreRejection(shown);
  } catch {
    // A broken redaction must show less, not more, and stop nothing.
  }
  return `${protocol}//${host}/…`;
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  // A URL holds its userinfo in ASCII. Decoded byte by byte: a lone "%" stands
  // for itself, and the bytes need not be UTF-8.
  const bytes = `${username}:${password}`.replace(
    /%([0-9a-f]{2})/gi,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
  return `Basic ${btoa(bytes)}`;
}
