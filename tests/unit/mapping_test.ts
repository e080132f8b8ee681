import { assert, assertEquals, assertRejects } from "@std/assert";
import { mapConcurrently } from "../../src/mapping.ts";

/** Lets promise chains run: the streams under `pooledMap` take many hops. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) await undefined;
}

/** A source that says how far it was read and whether it was ended. */
class Source implements AsyncIterable<number> {
  taken = 0;
  ended = false;

  async *[Symbol.asyncIterator](): AsyncGenerator<number, void, undefined> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.ended = true;
    }
  }
}

/** Work that a test finishes by hand. */
class Workshop {
  readonly started: number[] = [];
  readonly signals: AbortSignal[] = [];
  running = 0;
  maxRunning = 0;
  readonly #jobs = new Map<number, PromiseWithResolvers<number>>();

  readonly work = async (item: number, signal: AbortSignal) => {
    this.started.push(item);
    this.signals.push(signal);
    this.maxRunning = Math.max(this.maxRunning, ++this.running);
    const job = Promise.withResolvers<number>();
    this.#jobs.set(item, job);
    const onAbort = () => job.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await job.promise;
    } finally {
      this.running--;
    }
  };

  finish(item: number): void {
    this.#jobs.get(item)?.resolve(item * 10);
  }

  fail(item: number, reason: unknown): void {
    this.#jobs.get(item)?.reject(reason);
  }
}

const double = (item: number) => Promise.resolve(item * 2);

Deno.test("3.1 map gives results in the order of the items", async () => {
  const workshop = new Workshop();
  const results = mapConcurrently({
    items: [1, 2, 3],
    concurrency: 3,
    work: workshop.work,
  });
  const all = Array.fromAsync(results);
  await settle();
  assertEquals(workshop.started, [1, 2, 3]);
  for (const item of [3, 1, 2]) workshop.finish(item);
  assertEquals(await all, [10, 20, 30]);
});

Deno.test("3.1 map takes arrays, strings, generators and async iterables", async () => {
  async function* later() {
    yield 1;
    yield await Promise.resolve(2);
  }
  const echo = <T>(item: T) => Promise.resolve(item);
  const map = <T>(items: Iterable<T> | AsyncIterable<T>) =>
    Array.fromAsync(mapConcurrently({ items, concurrency: 2, work: echo }));
  assertEquals(await map([1, 2]), [1, 2]);
  assertEquals(await map(new Set([1, 2])), [1, 2]);
  assertEquals(await map("ab"), ["a", "b"]);
  assertEquals(await map(later()), [1, 2]);
  assertEquals(await map([]), []);
});

Deno.test("3.1 map runs no more than `concurrency` at once", async () => {
  const workshop = new Workshop();
  const results = mapConcurrently({
    items: [0, 1, 2, 3, 4, 5],
    concurrency: 2,
    work: workshop.work,
  });
  const all = Array.fromAsync(results);
  for (let item = 0; item < 6; item++) {
    await settle();
    assertEquals(workshop.running, Math.min(2, 6 - item));
    workshop.finish(item);
  }
  assertEquals((await all).length, 6);
  assertEquals(workshop.maxRunning, 2);
});

Deno.test("3.1 map that is never iterated starts nothing", async () => {
  const source = new Source();
  const workshop = new Workshop();
  const results = mapConcurrently({
    items: source,
    concurrency: 2,
    work: workshop.work,
  });
  await settle();
  assertEquals([source.taken, workshop.started], [0, []]);
  await results.return();
  assertEquals([source.taken, workshop.started], [0, []]);
});

Deno.test("3.1 map with a slow consumer reads an infinite source no further than it must", async () => {
  const source = new Source();
  const results = mapConcurrently({
    items: source,
    concurrency: 3,
    work: double,
  });
  await results.next();
  await settle();
  const { taken } = source;
  // One was read; up to 3 are under way and 3 finished.
  assert(taken <= 8, String(taken));
  await settle();
  assertEquals(source.taken, taken);
  for (let count = 0; count < 100; count++) {
    assertEquals((await results.next()).value, (count + 1) * 2);
  }
  await results.return();
  assertEquals(source.ended, true);
});

Deno.test("3.1 break in map ends the source and the work under way", async () => {
  const source = new Source();
  const workshop = new Workshop();
  const results = mapConcurrently({
    items: source,
    concurrency: 3,
    work: workshop.work,
  });
  const first = results.next();
  await settle();
  workshop.finish(0);
  assertEquals(await first, { value: 0, done: false });
  await settle();
  const { length } = workshop.started;
  await results.return();
  // What was under way rejected with the signal's reason: nobody saw it.
  assertEquals(workshop.running, 0);
  assert(workshop.signals.every((signal) => signal.aborted));
  assertEquals(workshop.signals[0]?.reason?.name, "AbortError");
  await settle();
  assertEquals(workshop.started.length, length);
  assertEquals(source.ended, true);
});

Deno.test("3.1 a failing fn ends map with its own error, and nothing runs on", async () => {
  const source = new Source();
  const workshop = new Workshop();
  const results = mapConcurrently({
    items: source,
    concurrency: 3,
    work: workshop.work,
  });
  const first = results.next();
  await settle();
  const error = new Error("work");
  // The second fails too, which nobody reads: no unhandled rejection.
  workshop.fail(1, new Error("unread"));
  workshop.fail(0, error);
  assertEquals(await assertRejects(() => first), error);
  assertEquals(workshop.running, 0);
  assertEquals(source.ended, true);
  const { length } = workshop.started;
  await settle();
  assertEquals(workshop.started.length, length);
  assertEquals(await results.next(), { value: undefined, done: true });
});

Deno.test("3.1 a failure comes at its place: the results before it are read", async () => {
  const work = (item: number) =>
    item === 2 ? Promise.reject(new Error("work")) : double(item);
  const results = mapConcurrently({
    items: [0, 1, 2, 3],
    concurrency: 4,
    work,
  });
  const seen: number[] = [];
  await assertRejects(
    async () => {
      for await (const result of results) seen.push(result);
    },
    Error,
    "work",
  );
  assertEquals(seen, [0, 2]);
});

Deno.test("3.1 work that throws synchronously rejects like any other", async () => {
  const results = mapConcurrently<number, number>({
    items: [1],
    concurrency: 1,
    work: () => {
      throw new TypeError("work");
    },
  });
  await assertRejects(() => results.next(), TypeError, "work");
});

Deno.test("3.1 a source that throws ends map with its own error", async () => {
  async function* broken() {
    yield 1;
    yield 2;
    await undefined;
    throw new RangeError("source");
  }
  const seen: number[] = [];
  await assertRejects(
    async () => {
      const results = mapConcurrently({
        items: broken(),
        concurrency: 2,
        work: double,
      });
      for await (const result of results) seen.push(result);
    },
    RangeError,
    "source",
  );
  assertEquals(seen, [2, 4]);
  const notIterable = mapConcurrently<number, number>({
    // @ts-expect-error: not what the signature takes
    items: {},
    concurrency: 2,
    work: double,
  });
  await assertRejects(() => notIterable.next(), TypeError);
});

Deno.test("3.1 break does not wait for a source whose next never settles", async () => {
  let returned = 0;
  let step = 0;
  const items: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        step++ === 0
          ? Promise.resolve({ value: 1, done: false })
          : new Promise(() => {}),
      return: () => {
        returned++;
        return new Promise(() => {});
      },
    }),
  };
  const results = mapConcurrently({ items, concurrency: 2, work: double });
  assertEquals(await results.next(), { value: 2, done: false });
  await results.return();
  assertEquals(returned, 1);
});

Deno.test("3.1 a source that fails when it is ended disturbs nobody", async () => {
  const items: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ value: 1, done: false }),
      return: () => Promise.reject(new Error("source")),
    }),
  };
  const results = mapConcurrently({ items, concurrency: 1, work: double });
  await results.next();
  await results.return();
  // An unhandled rejection would fail the test.
  await settle();
});

Deno.test("3.1 an item may be undefined, a promise, or an error", async () => {
  const error = new Error("an item");
  const echo = <T>(item: T) => Promise.resolve([item]);
  const results = mapConcurrently({
    items: [undefined, null, error],
    concurrency: 1,
    work: echo,
  });
  assertEquals(await Array.fromAsync(results), [[undefined], [null], [error]]);
  const never = new Promise<number>(() => {});
  const promises = mapConcurrently({
    items: [never, never],
    concurrency: 1,
    work: () => Promise.resolve("worked"),
  });
  assertEquals((await promises.next()).value, "worked");
  await promises.return();
});
