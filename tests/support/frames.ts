/** WebSocket frames as bytes (RFC 6455, section 5), valid or not. */

export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xA,
} as const;

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Bytes;
}

/** A server's frame: never masked. */
export function encodeFrame(
  opcode: number,
  payload: Uint8Array,
  final = true,
): Bytes {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + lengthBytes + length);
  const view = new DataView(frame.buffer);
  frame[0] = (final ? 0x80 : 0) | opcode;
  frame[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, 2 + lengthBytes);
  return frame;
}

export function textFrame(text: string): Bytes {
  return encodeFrame(opcodes.text, new TextEncoder().encode(text));
}

export function binaryFrame(payload: Uint8Array): Bytes {
  return encodeFrame(opcodes.binary, payload);
}

/** Any code, also one that must not be on the wire; none is an empty frame. */
export function closeFrame(code?: number, reason = ""): Bytes {
  if (code === undefined) {
    return encodeFrame(opcodes.close, new Uint8Array());
  }
  const text = new TextEncoder().encode(reason);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return encodeFrame(opcodes.close, payload);
}

/** The code of a received close frame, 1005 when it has none. */
export function closeCodeOf(frame: Frame): number {
  const { buffer, byteLength } = frame.payload;
  return byteLength < 2 ? 1005 : new DataView(buffer).getUint16(0);
}

export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

interface Header {
  readonly headerLength: number;
  readonly payloadLength: number;
  readonly masked: boolean;
}

/** Cuts a client's byte stream into frames and takes their masks off. */
export class FrameParser {
  // Chunks are joined once a whole frame is there: joining at each chunk would
  // copy a large frame again and again.
  #chunks: Uint8Array[] = [];
  #length = 0;
  #needed = 2;

  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    let rest = joinBytes(this.#chunks);
    const frames: Frame[] = [];
    for (;;) {
      const header = parseHeader(rest);
      const end = header && header.headerLength + header.payloadLength;
      if (header === undefined || end === undefined || rest.length < end) {
        this.#chunks = [rest];
        this.#length = rest.length;
        this.#needed = end ?? rest.length + 1;
        return frames;
      }
      frames.push(parseFrame(rest.subarray(0, end), header));
      rest = rest.subarray(end);
    }
  }
}

function parseHeader(bytes: Bytes): Header | undefined {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const second = view.getUint8(1);
  const masked = (second & 0x80) !== 0;
  const short = second & 0x7F;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const headerLength = 2 + lengthBytes + (masked ? 4 : 0);
  if (bytes.length < headerLength) return undefined;
  const payloadLength = lengthBytes === 2
    ? view.getUint16(2)
    : lengthBytes === 8
    ? Number(view.getBigUint64(2))
    : short;
  return { headerLength, payloadLength, masked };
}

function parseFrame(bytes: Bytes, header: Header): Frame {
  const { headerLength, masked } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const payload = bytes.slice(headerLength);
  if (masked) {
    payload.forEach((byte, index) => {
      payload[index] = byte ^ view.getUint8(headerLength - 4 + (index & 3));
    });
  }
  const first = view.getUint8(0);
  return { final: (first & 0x80) !== 0, opcode: first & 0x0F, payload };
}
