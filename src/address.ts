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
function invalid(problem: string): TypeError {
  return new TypeError(`Invalid WebSocket address: ${problem}`);
}

/**
 * Parses `baseUrl`.
 *
 * @throws {TypeError} If it is not an absolute `ws:`, `wss:`, `http:` or `https:` URL without fragment
 */
export function parseBaseUrl(baseUrl: string | URL): URL {
  return parseAbsolute(String(baseUrl));
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
  if (urlOrPath instanceof URL) return parseAbsolute(urlOrPath.href);
  if (typeof urlOrPath !== "string") {
    throw invalid(`expected a string or a URL, got ${typeof urlOrPath}`);
  }
  if (hasScheme(urlOrPath)) return parseAbsolute(urlOrPath);
  refuseControlCharacters(urlOrPath);
  if (base === undefined) {
    throw invalid("a path needs the option baseUrl; give a full wss: URL");
  }
  return appendPath(base, urlOrPath);
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
  if (redactUrl !== undefined) {
    try {
      const shown = redactUrl(new URL(url));
      if (typeof shown === "string") return shown;
      ignoreRejection(shown);
    } catch {
      // A broken redaction must show less, not more, and stop nothing.
    }
    return `${url.protocol}//${url.host}/…`;
  }
  return `${url.protocol}//${url.host}${url.pathname}${showQuery(url.search)}`;
}

function showQuery(search: string): string {
  if (search.length < 2) return "";
  const parameters = search.slice(1).split("&").map((parameter) => {
    const end = parameter.indexOf("=");
    return end < 0 ? "…" : `${parameter.slice(0, end)}=…`;
  });
  return `?${parameters.join("&")}`;
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

function parseAbsolute(text: string): URL {
  refuseControlCharacters(text);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The runtime's text may quote the URL, and with it a secret.
    throw invalid("it cannot be parsed as an absolute URL");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw invalid(
      `the scheme must be ws, wss, http or https; begin a path that contains a colon with "/"`,
    );
  }
  if (text.includes("#")) throw invalid("a fragment (#) is never sent");
  return url;
}

function appendPath(base: URL, path: string): URL {
  if (path.startsWith("//")) {
    throw invalid('a path must not begin with "//": it could name a host');
  }
  if (path.includes("\\")) throw invalid("a path must not contain a backslash");
  if (path.includes("#")) throw invalid("a fragment (#) is never sent");
  const queryStart = path.indexOf("?");
  const pathname = queryStart < 0 ? path : path.slice(0, queryStart);
  const query = queryStart < 0 ? "" : path.slice(queryStart + 1);
  for (const segment of pathname.split("/")) {
    if (segment.toLowerCase().replaceAll("%2e", ".") === "..") {
      throw invalid('a path must not contain ".." segments');
    }
  }
  const url = new URL(base);
  const tail = pathname.startsWith("/") ? pathname.slice(1) : pathname;
  if (tail !== "") {
    const head = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
    url.pathname = head + tail;
  }
  if (query !== "") {
    url.search = url.search === "" ? query : `${url.search}&${query}`;
  }
  return url;
}

/** `scheme:` at the start, by the characters a scheme may have. */
function hasScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text);
}

function refuseControlCharacters(text: string): void {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) {
      throw invalid("control characters must be percent-encoded");
    }
  }
}
