import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Ring } from "../../../src/io/ring.ts";

Deno.test("Ring behaves as an array used from both ends", () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant("push" as const) },
    { weight: 3, arbitrary: fc.constant("shift" as const) },
    { weight: 2, arbitrary: fc.constant("pop" as const) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      let next = 0;
      for (const step of steps) {
        if (step === "push") {
          ring.push(next);
          model.push(next++);
        } else if (step === "clear") {
          ring.clear();
          model.length = 0;
        } else {
          assertEquals(ring[step](), model[step]());
        }
        assertEquals(ring.size, model.length);
      }
      while (model.length > 0) assertEquals(ring.shift(), model.shift());
      assertEquals(ring.shift(), undefined);
      assertEquals(ring.pop(), undefined);
    }),
  );
});

Deno.test("Ring grows while it is wrapped around", () => {
  const ring = new Ring<number>();
  for (let item = 0; item < 16; item++) ring.push(item);
  for (let item = 0; item < 10; item++) assertEquals(ring.shift(), item);
  for (let item = 16; item < 100; item++) ring.push(item);
  for (let item = 10; item < 100; item++) assertEquals(ring.shift(), item);
  assertEquals(ring.size, 0);
});

Deno.test("Ring holds undefined as an item", () => {
  const ring = new Ring<undefined>();
  ring.push(undefined);
  assertEquals(ring.size, 1);
  ring.shift();
  assertEquals(ring.size, 0);
});
