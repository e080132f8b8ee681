import { parseAbsolute, toAddress } from "../address.ts";
import type { DialContext } from "../options.ts";
import { type ResolvedWebSocket, toHeaders } from "../websocket_config.ts";
import type { Target } from "./payload.ts";

/** What one dial asks the runtime for. */
export interface DialRequest {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: Headers | undefined;
}

/** The options that a request is made from. */
type DialOptions = Pick<
  ResolvedWebSocket<unknown, never>,
  "resolveUrl" | "headers"
>;

/** Whether a request waits for functions of the user. */
export function asksUser({ resolveUrl, headers }: DialOptions): boolean {
  return resolveUrl !== undefined || typeof headers === "function";
}

/**
 * Makes the request of one dial: the functions for the address and the headers
 * are asked anew each time, once.
 *
 * @throws {unknown} What they throw, or a `TypeError` for what they return
 */
export async function makeRequest(
  { resolveUrl, headers }: DialOptions,
  target: Target,
  baseUrl: URL | undefined,
  attempt: number,
  signal: AbortSignal,
): Promise<DialRequest> {
  const { protocols, identity } = target;
  const { url } = target.address;
  const context: DialContext = Object.freeze({
    url,
    identity,
    protocols,
    attempt,
    signal,
  });
  const address = resolveUrl === undefined
    ? target.address
    : toAddress(parseAbsolute(String(await resolveUrl(context))), undefined);
  // Credentials of one origin are not for another that `resolveUrl` names.
  const authorization = address.authorization ??
    (address.origin === target.address.origin
      ? target.address.authorization
      : undefined);
  // A dial that was given up meanwhile asks for nothing more.
  signal.throwIfAborted();
  const isOwnOrigin = baseUrl === undefined ||
    baseUrl.origin === address.origin;
  const given = typeof headers === "function"
    ? await headers(context)
    : isOwnOrigin
    ? headers
    : undefined;
  return {
    url: address.url,
    protocols,
    headers: withAuthorization(given, authorization),
  };
}

/** Userinfo of the address becomes a header, unless there is one of that name. */
function withAuthorization(
  given: HeadersInit | undefined,
  authorization: string | undefined,
): Headers | undefined {
  if (given === undefined && authorization === undefined) return undefined;
  const headers = toHeaders(given);
  if (authorization !== undefined && !headers.has("authorization")) {
    headers.set("authorization", authorization);
  }
  return headers;
}
