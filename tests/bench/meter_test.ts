import { assert, assertEquals, assertRejects } from "@std/assert";
import { counted, type Effort, Meter } from "./meter.ts";

const effort: Effort = {
  run: 5,
  warmUp: 20,
  samples: 3,
  limit: 10_000,
  most: Infinity,
};

/** A meter, and how much was done by the end of each turn. */
function start(part: Partial<Effort> = {}) {
  const work = { done: 0, perTurn: [0] };
  const meter = new Meter({ ...effort, ...part }, "wall", {
    next() {
      work.perTurn.push(work.done);
      return Promise.resolve();
    },
  });
  return { meter, work };
}

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

Deno.test("bench: the first turn warms up, each of the others measures one run", async () => {
  const { meter, work } = start();
  const began = performance.now();
  const runs = await meter.time((count) => {
    for (let index = 0; index < count; index++) {
      spin(0.1);
      work.done++;
    }
  }, 2);
  work.perTurn.push(work.done);
  assert(performance.now() - began >= 20, "warmed up");
  const [, warmUp = 0, ...ends] = work.perTurn;
  const lengths = ends.map((end, at) => end - (ends[at - 1] ?? warmUp));
  const [length = 0] = lengths;
  // Doubled until 5 ms were reached, as a stalled machine may have it at once.
  assert(length >= 1 && length <= 64, `${length} of 0.1 ms in 5 ms`);
  assertEquals(lengths, [length, length, length]);
  assertEquals(runs.length, 3);
  // Each round is two operations of a twentieth of a millisecond.
  for (const run of runs) assert(run >= 0.5e5 && run < 1e8, `${run} ns`);
});

Deno.test("bench: where operations are counted, each run has as many, however fast", async () => {
  const { meter, work } = start(counted(3));
  await meter.time((count) => {
    work.done += count * 10_000;
  }, 10_000);
  // What warms up is one run more.
  assertEquals([...work.perTurn, work.done], [0, 1e5, 2e5, 3e5, 4e5]);
  // What cannot be done so often is not counted wrongly.
  await assertRejects(
    () => meter.time(() => {}, 300_000),
    RangeError,
    "300000",
  );
  await assertRejects(() => meter.repeat(() => Promise.resolve(1)), TypeError);
});

Deno.test("bench: slow work warms up for as many runs as it wants, where there is a warm-up", async () => {
  const warm = start({ run: 0, warmUp: 0.001, samples: 1 });
  await warm.meter.time(
    () => {
      warm.work.done++;
    },
    1,
    4,
  );
  const [, before = 0] = warm.work.perTurn;
  assert(before >= 4, `${before} runs`);
  const cold = start({ run: 0, warmUp: 0, samples: 1 });
  await cold.meter.time(
    () => {
      cold.work.done++;
    },
    1,
    4,
  );
  assertEquals(cold.work.perTurn, [0, 1]);
});

Deno.test("bench: figures that the work takes itself come one of each turn", async () => {
  const { meter, work } = start({ warmUp: 0 });
  const runs = await meter.repeat(() => Promise.resolve(++work.done));
  assertEquals(runs, [1, 2, 3]);
  assertEquals(work.perTurn, [0, 0, 1, 2]);
});

Deno.test("bench: runs that take too long together are the last", async () => {
  const { meter } = start({ warmUp: 0, samples: 1_000, limit: 50 });
  const runs = await meter.repeat(() => {
    spin(20);
    return Promise.resolve(1);
  });
  assert(runs.length >= 1 && runs.length <= 3, `${runs.length} of 20 ms`);
});
