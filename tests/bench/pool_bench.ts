/**
 * The whole library over fake sockets, against a hand-written ideal that does
 * the least. Each iteration does many operations at once: divide by the number
 * in the name.
 *
 * `deno task bench`
 *
 * @module
 */
import { IdealBench, LibraryBench } from "./workloads.ts";

const PAIRS = 10_000;
const MESSAGES = 10_000;

const ideal = new IdealBench();

/** Times one piece of work over a pool of its own. */
function benchLibrary(
  name: string,
  group: string,
  work: (library: LibraryBench) => void | Promise<void>,
): void {
  Deno.bench({
    name,
    group,
    fn: async (context) => {
      await using library = await LibraryBench.start();
      context.start();
      await work(library);
      context.end();
    },
  });
}

function benchIdeal(
  name: string,
  group: string,
  work: () => Promise<void>,
): void {
  Deno.bench({
    name,
    group,
    baseline: true,
    // Written as async, as Deno awaits no other.
    fn: async () => {
      await work();
    },
  });
}

const uncontended = `uncontended, ${PAIRS} pairs`;
benchIdeal(
  "ideal: acquire + release",
  uncontended,
  () => ideal.pairs(PAIRS),
);
benchLibrary(
  "pool: acquire + release",
  uncontended,
  (library) => library.pairs(PAIRS),
);
benchLibrary(
  "pool: await using",
  uncontended,
  (library) => library.pairsWithAwaitUsing(PAIRS),
);
benchLibrary(
  "pool: tryAcquire + release",
  uncontended,
  (library) => library.tryPairs(PAIRS),
);

for (const waiters of [100, 10_000]) {
  const group = `hand-over to ${waiters} waiters`;
  benchIdeal("ideal", group, () => ideal.handOver(waiters));
  benchLibrary("pool", group, (library) => library.handOver(waiters));
}

const receive = `receive ${MESSAGES} messages`;
benchIdeal(
  "ideal: a listener",
  receive,
  () => ideal.receiveByListener(MESSAGES),
);
benchLibrary(
  "pool: forEach",
  receive,
  (library) => library.receiveByForEach(MESSAGES),
);

const iterate = `iterate over ${MESSAGES} messages`;
benchIdeal(
  "ideal: for await",
  iterate,
  () => ideal.receiveByIteration(MESSAGES),
);
benchLibrary(
  "pool: for await",
  iterate,
  (library) => library.receiveByIteration(MESSAGES),
);
