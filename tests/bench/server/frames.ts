/** Frames as the benchmarks' server needs them: fast, and no more than the clients here send. */
import { type Bytes, encodeFrame, opcodes } from "../../support/frames.ts";

/** About as much as one write takes. */
const CHUNK_BYTES = 65_536;

/** Many equal frames, to be written again and again. */
export interface Burst {
  readonly chunk: Bytes;
  readonly frames: number;
  readonly frameBytes: number;
}

export function burstOf(text: string): Burst {
  const frame = encodeFrame(opcodes.text, new TextEncoder().encode(text));
  const frames = Math.max(1, Math.floor(CHUNK_BYTES / frame.length));
  const chunk = new Uint8Array(frames * frame.length);
  for (let index = 0; index < frames; index++) {
    chunk.set(frame, index * frame.length);
  }
  return { chunk, frames, frameBytes: frame.length };
}

/** A client's frame, its mask taken off. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Bytes;
}

/** Cuts a client's bytes into frames, each of which is whole and unfragmented. */
export class ClientFrames {
  #rest: Uint8Array = new Uint8Array();

  push(bytes: Uint8Array): ClientFrame[] {
    const all = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    const frames: ClientFrame[] = [];
    let at = 0;
    for (;;) {
      const end = frameEnd(all, at);
      if (end === undefined || end > all.length) break;
      frames.push(readFrame(all, at, end));
      at = end;
    }
    // A copy: the reader's buffer is filled anew.
    this.#rest = all.slice(at);
    return frames;
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

/** Where the frame ends, if its header is there. */
function frameEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length < at + 14) {
    // A short frame, or none: a long one has a long header.
    if (bytes.length < at + 6) return undefined;
    if ((byteAt(bytes, at + 1) & 0x7f) > 125) return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const short = byteAt(bytes, at + 1) & 0x7f;
  if (short < 126) return at + 6 + short;
  return short === 126
    ? at + 8 + view.getUint16(at + 2)
    : at + 14 + Number(view.getBigUint64(at + 2));
}

function readFrame(bytes: Uint8Array, at: number, end: number): ClientFrame {
  const short = byteAt(bytes, at + 1) & 0x7f;
  const start = at + (short < 126 ? 6 : short === 126 ? 8 : 14);
  const payload = bytes.slice(start, end);
  for (let index = 0; index < payload.length; index++) {
    payload[index] = byteAt(payload, index) ^
      byteAt(bytes, start - 4 + (index & 3));
  }
  return { opcode: byteAt(bytes, at) & 0xf, payload };
}

/** Callers stay within the bounds. */
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index]!;
}
