import type { WireData } from "../options.ts";

/** `binaryType` asks for ArrayBuffers; a factory's socket may not heed it. What is neither text nor bytes is no message. */
export function toWireData(data: unknown): WireData | undefined {
  if (typeof data === "string" || data instanceof ArrayBuffer) return data;
  if (!ArrayBuffer.isView(data)) return undefined;
  const { buffer, byteOffset, byteLength } = data;
  return new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}
