import { assertEquals } from "@std/assert";
import {
  binaryFrame,
  closeCodeOf,
  closeFrame,
  encodeFrame,
  FrameParser,
  joinBytes,
  opcodes,
  textFrame,
} from "../../support/frames.ts";

Deno.test("encodeFrame writes the three lengths of the protocol", () => {
  const heads = [125, 126, 65_535, 65_536].map((
    length,
  ) => [...binaryFrame(new Uint8Array(length)).subarray(0, 10)]);
  assertEquals(heads.map((head) => head.slice(0, 4)), [
    [0x82, 125, 0, 0],
    [0x82, 126, 0, 126],
    [0x82, 126, 0xFF, 0xFF],
    [0x82, 127, 0, 0],
  ]);
  assertEquals(heads[3]?.slice(2), [0, 0, 0, 0, 0, 1, 0, 0]);
});

Deno.test("closeFrame carries any code, or none", () => {
  assertEquals([...closeFrame()], [0x88, 0]);
  assertEquals([...closeFrame(1008, "no")], [0x88, 4, 3, 240, 110, 111]);
  const [empty, coded] = [closeFrame(), closeFrame(999)].map((bytes) =>
    new FrameParser().push(bytes).map(closeCodeOf)
  );
  assertEquals([empty, coded], [[1005], [999]]);
});

Deno.test("FrameParser takes masks off (RFC 6455, 5.7)", () => {
  const hello = [
    ...[0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D],
    ...[0x7F, 0x9F, 0x4D, 0x51, 0x58],
  ];
  const payload = new TextEncoder().encode("Hello");
  assertEquals(new FrameParser().push(new Uint8Array(hello)), [
    { opcode: opcodes.text, final: true, payload },
  ]);
});

Deno.test("FrameParser cuts a stream wherever its chunks end", () => {
  const stream = joinBytes([
    textFrame("one"),
    encodeFrame(opcodes.text, new Uint8Array(70_000), false),
    encodeFrame(opcodes.continuation, new Uint8Array(300)),
    textFrame(""),
    closeFrame(1000),
  ]);
  const whole = new FrameParser().push(stream);
  assertEquals(
    whole.map(({ opcode, final, payload }) => [opcode, final, payload.length]),
    [[1, true, 3], [1, false, 70_000], [0, true, 300], [1, true, 0], [
      8,
      true,
      2,
    ]],
  );
  for (const size of [1, 2, 7, 4_096]) {
    const parser = new FrameParser();
    const frames = [];
    for (let start = 0; start < stream.length; start += size) {
      frames.push(...parser.push(stream.subarray(start, start + size)));
    }
    assertEquals(frames, whole);
  }
});
