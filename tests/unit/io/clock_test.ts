import { assert, assertEquals } from "@std/assert";
import { systemEnvironment } from "../../../src/io/clock.ts";

const { clock, random } = systemEnvironment;

Deno.test("4.7, F72 time is monotonic, whatever the wall clock does", () => {
  const original = Date.now;
  const before = clock.now();
  Date.now = () => 0;
  try {
    const after = clock.now();
    assert(after >= before && after < before + 600_000);
  } finally {
    Date.now = original;
  }
});

Deno.test("4.7 a timer fires, a cleared one does not", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let cleared = 0;
  const handle = clock.setTimer(() => cleared++, 0);
  clock.clearTimer(handle);
  // Timers of one delay fire in the order they were set.
  clock.setTimer(resolve, 0);
  await promise;
  assertEquals(cleared, 0);
});

Deno.test("F60 a timer beyond 2^31-1 ms is cut, so that it does not fire at once", () => {
  const original = globalThis.setTimeout;
  const delays: unknown[] = [];
  // The runtimes take a longer delay for 0 or 1.
  globalThis.setTimeout = new Proxy(original, {
    apply(target, self, args) {
      delays.push(args[1]);
      return Reflect.apply(target, self, args);
    },
  });
  try {
    for (const delay of [5, 2 ** 31 - 1, 2 ** 31, 2 ** 40, Infinity]) {
      clock.clearTimer(clock.setTimer(() => {}, delay));
    }
  } finally {
    globalThis.setTimeout = original;
  }
  const longest = 2 ** 31 - 1;
  assertEquals(delays, [5, longest, longest, longest, longest]);
});

Deno.test("4.2 random numbers are in [0, 1) and differ", () => {
  const numbers = Array.from({ length: 100 }, () => random());
  assert(numbers.every((number) => number >= 0 && number < 1));
  assert(new Set(numbers).size > 1);
});
