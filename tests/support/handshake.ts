import { createHash } from "node:crypto";

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A client's opening request. */
export interface HandshakeRequest {
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: Headers;
  readonly key: string;
  readonly protocols: readonly string[];
}

export interface AcceptOptions {
  /** Sent as it is, asked for or not; none by default. */
  readonly protocol?: string;
  /** In place of the right answer to the client's key. */
  readonly acceptKey?: string;
  /** Further header lines. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Frames that leave in the same TCP write as the 101. */
  readonly followedBy?: readonly Uint8Array[];
}

/** `undefined` for what is no HTTP request, as a TLS hello is not. */
export function parseRequest(head: string): HandshakeRequest | undefined {
  const [requestLine = "", ...lines] = head.split("\r\n");
  const [method, path = "", version] = requestLine.split(" ");
  if (method !== "GET" || version !== "HTTP/1.1") return undefined;
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1));
  }
  return {
    path,
    headers,
    key: headers.get("sec-websocket-key") ?? "",
    protocols: (headers.get("sec-websocket-protocol") ?? "")
      .split(",").map((name) => name.trim()).filter((name) => name !== ""),
  };
}

export function acceptKeyFor(key: string): string {
  return createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
}

export function acceptResponse(
  request: HandshakeRequest,
  options: AcceptOptions,
): string {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${options.acceptKey ?? acceptKeyFor(request.key)}`,
  ];
  if (options.protocol !== undefined) {
    lines.push(`Sec-WebSocket-Protocol: ${options.protocol}`);
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    lines.push(`${name}: ${value}`);
  }
  return lines.join("\r\n") + "\r\n\r\n";
}

export function statusResponse(
  status: number,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = [
    `HTTP/1.1 ${status} Status`,
    "Content-Length: 0",
    "Connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return lines.join("\r\n") + "\r\n\r\n";
}
