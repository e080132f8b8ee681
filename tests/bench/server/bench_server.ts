import { encodeFrame, joinBytes, opcodes } from "../../support/frames.ts";
import { acceptResponse, parseRequest } from "../../support/handshake.ts";
import { burstOf, type ClientFrame, ClientFrames } from "./frames.ts";

/** Texts that are sent in bursts, by path; every other path echoes. */
const TEXTS: Readonly<Record<string, string>> = {
  "/text/100": "x".repeat(100),
  "/text/1024": "x".repeat(1_024),
  "/text/65536": "x".repeat(65_536),
  "/text/1048576": "x".repeat(1_048_576),
  "/json": JSON.stringify({
    e: "trade",
    s: "BTCUSDT",
    p: "67321.05000000",
    q: "0.00153000",
    T: 1_700_000_000_000,
    m: true,
    id: 1,
  }),
};

type Conn = Deno.TcpConn | Deno.TlsConn;

const HEAD_END = "\r\n\r\n";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * A WebSocket server on bare TCP, so that clients are what is measured: to a
 * number it answers with as many messages, made beforehand.
 */
export class BenchServer implements AsyncDisposable {
  readonly #listener: Deno.Listener<Conn>;
  readonly #address: string;
  readonly #conns = new Set<Conn>();
  readonly #peers = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;

  constructor(certificate?: Certificate) {
    const place = { hostname: "127.0.0.1", port: 0 };
    const listener = certificate === undefined
      ? Deno.listen(place)
      : Deno.listenTls({ ...place, ...certificate });
    const scheme = certificate === undefined ? "ws" : "wss";
    this.#listener = listener;
    this.#address = `${scheme}://127.0.0.1:${listener.addr.port}`;
    this.#accepting = this.#accept();
  }

  /** Without a path. */
  get address(): string {
    return this.#address;
  }

  /** Ends with the connections there are, should a client have failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    this.#conns.clear();
    await this.#accepting;
    await Promise.all(this.#peers);
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      this.#conns.add(conn);
      const peer = serve(conn).catch(() => {
        // The client went first.
      }).finally(() => {
        this.#peers.delete(peer);
        if (this.#conns.delete(conn)) close(conn);
      });
      this.#peers.add(peer);
    }
  }
}

function close(conn: Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}

async function serve(conn: Conn): Promise<void> {
  if ("setNoDelay" in conn) conn.setNoDelay(true);
  const path = await shakeHands(conn);
  if (path === undefined) return;
  const text = TEXTS[path];
  const burst = text === undefined ? undefined : burstOf(text);
  const frames = new ClientFrames();
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const size = await conn.read(buffer);
    if (size === null) return;
    const echoes: Uint8Array[] = [];
    for (const frame of frames.push(buffer.subarray(0, size))) {
      if (frame.opcode === opcodes.close) {
        await write(conn, encodeFrame(opcodes.close, frame.payload));
        return;
      }
      if (burst === undefined) {
        echoes.push(encodeFrame(frame.opcode, frame.payload));
        continue;
      }
      let left = countIn(frame);
      for (; left >= burst.frames; left -= burst.frames) {
        await write(conn, burst.chunk);
      }
      await write(conn, burst.chunk.subarray(0, left * burst.frameBytes));
    }
    if (echoes.length > 0) await write(conn, joinBytes(echoes));
  }
}

function countIn({ payload }: ClientFrame): number {
  return Number(new TextDecoder().decode(payload));
}

async function shakeHands(
  conn: Conn,
): Promise<string | undefined> {
  const buffer = new Uint8Array(4_096);
  let head = "";
  while (!head.includes(HEAD_END)) {
    const size = await conn.read(buffer);
    if (size === null) return undefined;
    head += new TextDecoder().decode(buffer.subarray(0, size));
  }
  // Clients here send nothing before the answer.
  const request = parseRequest(head.slice(0, head.indexOf(HEAD_END)));
  if (request === undefined) return undefined;
  await write(conn, new TextEncoder().encode(acceptResponse(request, {})));
  return request.path;
}

async function write(
  conn: Conn,
  bytes: Uint8Array,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}
