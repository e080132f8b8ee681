import type { Socket } from "node:net";
import type { Flow } from "./fault_flow.ts";

/** Beyond this the sender is held up, as by a full buffer of a router. */
const MOST_HELD = 1 << 20;

type Piece = Uint8Array | "fin" | "rst";

interface Held {
  readonly piece: Piece;
  readonly at: number;
}

/** One direction of a connection through a proxy: from one socket to the other. */
export class FaultPipe {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #held: Held[] = [];
  #flow: Flow;
  #heldBytes = 0;
  /** Bytes let through since the flow was set. */
  #passed = 0;
  #passedAt = -Infinity;
  #hasEnded = false;
  #isFull = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(source: Socket, target: Socket, flow: Flow) {
    this.#source = source;
    this.#target = target;
    this.#flow = flow;
    source.on("data", (bytes: Uint8Array) => {
      if (this.#hasEnded) return;
      this.#heldBytes += bytes.length;
      if (this.#heldBytes > MOST_HELD) source.pause();
      this.#take(bytes);
    });
    source.on("end", () => this.#take("fin"));
    // A reset, or an end by the proxy's other direction: after `end` it says
    // nothing new.
    source.on("close", () => this.#take("rst"));
    target.on("drain", () => {
      this.#isFull = false;
      this.#run();
    });
    target.on("close", () => this.stop());
    this.#run();
  }

  /** Applies to what is held, too. */
  set(flow: Flow): void {
    this.#flow = flow;
    this.#passed = 0;
    this.#run();
  }

  stop(): void {
    this.#hasEnded = true;
    this.#held.length = 0;
    clearTimeout(this.#timer);
    // What still comes is read, so that its end is seen.
    this.#source.resume();
  }

  #take(piece: Piece): void {
    if (this.#hasEnded) return;
    if (piece === "rst" && this.#held.at(-1)?.piece === "fin") return;
    this.#held.push({ piece, at: performance.now() });
    this.#run();
  }

  #run(): void {
    clearTimeout(this.#timer);
    if (this.#flow.ending !== "none") this.#end(this.#flow.ending);
    while (!this.#hasEnded && !this.#isFull) {
      const [next] = this.#held;
      if (next === undefined) return;
      const wait = this.#waitFor(next);
      if (wait === Infinity) return;
      if (wait > 0) {
        // Up: a timer that fires early would find nothing due.
        this.#timer = setTimeout(() => this.#run(), Math.ceil(wait));
        return;
      }
      this.#held.shift();
      if (typeof next.piece === "string") this.#end(next.piece);
      else this.#pass(next.piece, next.at);
    }
  }

  #waitFor({ piece, at }: Held): number {
    const { total, delay, gap } = this.#flow;
    if (this.#passed >= total) return Infinity;
    const due = typeof piece === "string"
      ? at + delay
      : Math.max(at + delay, this.#passedAt + gap);
    return Math.max(0, due - performance.now());
  }

  #pass(bytes: Uint8Array, at: number): void {
    const { size, total } = this.#flow;
    const count = Math.min(bytes.length, size, total - this.#passed);
    if (count < bytes.length) {
      this.#held.unshift({ piece: bytes.subarray(count), at });
    }
    this.#passed += count;
    this.#passedAt = performance.now();
    this.#heldBytes -= count;
    if (this.#heldBytes <= MOST_HELD) this.#source.resume();
    this.#isFull = !this.#target.write(bytes.subarray(0, count));
  }

  #end(ending: "fin" | "rst"): void {
    if (this.#hasEnded) return;
    this.stop();
    if (ending === "fin") this.#target.end();
    else this.#target.resetAndDestroy();
  }
}
