/**
 * The server of a soak, in a process of its own: correct, until it is told to
 * misbehave. It keeps nothing of what it has heard.
 *
 * - A request `{ ask, count }` is answered by so many messages `{ tag, index }`
 *   with `ask` as their tag, `{ sync }` by the same.
 * - Commands come as lines of JSON on standard input, each is answered by a
 *   line with the counts of its sockets.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import {
  closeFrame,
  encodeFrame,
  FrameParser,
  joinBytes,
  opcodes,
  textFrame,
} from "../support/frames.ts";
import { acceptResponse, parseRequest } from "../support/handshake.ts";
import { type Interval, mostAtOnce } from "./overlap.ts";

/** What the server can be told to do. */
export type Command =
  | { readonly kind: "count" }
  /** As `count`, with `maxHeld` up to date. */
  | { readonly kind: "sum-up" }
  /** One socket ends without a close frame, or with a reset, or in good order. */
  | { readonly kind: "drop" | "reset" | "close"; readonly pick: number }
  /** One socket is answered late for a while. */
  | { readonly kind: "slow"; readonly pick: number; readonly ms: number }
  /** Everything is reset, and new connections are refused for a while. */
  | { readonly kind: "restart"; readonly ms: number };

/** What the server says of itself. */
export interface Counts {
  readonly port: number;
  /** Sockets from the TCP connection to the end of the close handshake, or of the connection; to the first word of an end that is the server's. */
  readonly open: number;
  /** The most there ever were at once. */
  readonly maxOpen: number;
  /**
   * The same of those that the client has used: of a handshake that was given
   * up Deno says that the socket is closed some ms before it is.
   */
  readonly maxHeld: number;
  /** All there ever were. */
  readonly total: number;
}

const HEAD_END = "\r\n\r\n";

/** The server's end of one connection. */
class Peer {
  readonly #socket: Socket;
  readonly #onEnd: () => void;
  readonly #parser = new FrameParser();
  #head = "";
  #isUpgraded = false;
  #isClosing = false;
  #hasSpoken = false;
  #slowUntil = 0;
  /** Answers that wait, so that slow ones keep their order. */
  #answered: Promise<void> = Promise.resolve();

  /** @param onEnd Told once or more */
  constructor(socket: Socket, onEnd: () => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("end", () => socket.end());
    // The client's resets are part of the exercise; `close` follows.
    socket.on("error", () => {});
    socket.on("close", () => onEnd());
  }

  /** Whether the client ever sent a frame: else it may have given the handshake up, of which nothing tells in time. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  get isUpgraded(): boolean {
    return this.#isUpgraded && !this.#isClosing;
  }

  slow(ms: number): void {
    this.#slowUntil = performance.now() + ms;
  }

  drop(): void {
    this.#onEnd();
    this.#socket.end();
  }

  reset(): void {
    this.#onEnd();
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#isClosing = true;
    // The client has done its part when it answers, and may dial again before the answer is here.
    this.#onEnd();
    this.#socket.write(closeFrame(1001, "going away"));
  }

  #receive(chunk: Uint8Array): void {
    if (!this.#isUpgraded) {
      this.#head += Buffer.from(chunk).toString("latin1");
      const end = this.#head.indexOf(HEAD_END);
      if (end < 0) return;
      const request = parseRequest(this.#head.slice(0, end));
      if (request === undefined) return this.reset();
      this.#isUpgraded = true;
      this.#socket.write(acceptResponse(request, {}), "latin1");
      chunk = Buffer.from(this.#head.slice(end + HEAD_END.length), "latin1");
      this.#head = "";
    }
    for (const { opcode, payload } of this.#parser.push(chunk)) {
      this.#hasSpoken = true;
      if (opcode === opcodes.close) this.#answerClose(payload);
      else if (opcode === opcodes.ping) {
        this.#write(encodeFrame(opcodes.pong, payload));
      } else if (opcode === opcodes.text) {
        this.#write(answerTo(new TextDecoder().decode(payload)));
      }
    }
  }

  #answerClose(payload: Uint8Array): void {
    if (!this.#isClosing) {
      this.#socket.write(encodeFrame(opcodes.close, payload));
    }
    this.drop();
  }

  #write(bytes: Uint8Array): void {
    const wait = this.#slowUntil - performance.now();
    if (wait > 0) {
      this.#answered = this.#answered.then(() =>
        new Promise((resolve) => setTimeout(resolve, wait))
      );
      this.#answered = this.#answered.then(() => this.#put(bytes));
    } else if (this.#slowUntil > 0) {
      this.#answered = this.#answered.then(() => this.#put(bytes));
    } else {
      this.#put(bytes);
    }
  }

  #put(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }
}

function answerTo(text: string): Uint8Array {
  const request = JSON.parse(text);
  if (request.sync !== undefined) return textFrame(text);
  const frames: Uint8Array[] = [];
  for (let index = 0; index < request.count; index++) {
    frames.push(textFrame(JSON.stringify({ tag: request.ask, index })));
  }
  return joinBytes(frames);
}

/** All connections of the server, over its restarts. */
class SoakServer {
  readonly #open = new Map<Socket, Peer>();
  #server: Server | undefined;
  #port = 0;
  /** What the client had, in steps of the count. */
  readonly #held: Interval[] = [];
  #step = 0;
  #maxOpen = 0;
  #maxHeld = 0;
  #total = 0;

  async listen(): Promise<void> {
    const options = { allowHalfOpen: true, noDelay: true };
    const server = createServer(options, (socket) => this.#connected(socket));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.on("error", reject);
    server.listen(this.#port, "127.0.0.1", () => resolve());
    await promise;
    const address = server.address();
    if (typeof address === "object" && address !== null) {
      this.#port = address.port;
    }
    this.#server = server;
  }

  counts(): Counts {
    return {
      port: this.#port,
      open: this.#open.size,
      maxOpen: this.#maxOpen,
      maxHeld: this.#maxHeld,
      total: this.#total,
    };
  }

  async obey(command: Command): Promise<void> {
    switch (command.kind) {
      case "count":
        return;
      case "sum-up":
        this.#maxHeld = mostAtOnce(this.#held);
        return;
      case "restart":
        return await this.#restart(command.ms);
      case "slow":
        this.#pick(command.pick)?.slow(command.ms);
        return;
      default:
        this.#pick(command.pick)?.[command.kind]();
    }
  }

  #pick(pick: number): Peer | undefined {
    const peers = [...this.#open.values()].filter((peer) => peer.isUpgraded);
    return peers[Math.floor(pick * peers.length)];
  }

  async #restart(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server?.close(() => resolve());
    for (const peer of [...this.#open.values()]) peer.reset();
    await promise;
    await new Promise((wake) => setTimeout(wake, ms));
    await this.listen();
  }

  #connected(socket: Socket): void {
    this.#total++;
    const from = this.#step++;
    const peer: Peer = new Peer(socket, () => {
      if (!this.#open.delete(socket)) return;
      const to = this.#step++;
      if (peer.hasSpoken) this.#held.push({ from, to });
    });
    this.#open.set(socket, peer);
    this.#maxOpen = Math.max(this.#maxOpen, this.#open.size);
  }
}

if (import.meta.main) {
  const server = new SoakServer();
  await server.listen();
  console.log(JSON.stringify(server.counts()));
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  let rest = "";
  for await (const text of lines) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      await server.obey(JSON.parse(line));
      console.log(JSON.stringify(server.counts()));
    }
  }
  // The soak is over: whoever is still connected is of no more interest.
  Deno.exit(0);
}
