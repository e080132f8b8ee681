import { pooledMap } from "@std/async/pool";

/** What one `map` does, and within which bounds. */
export interface Mapping<Item, Result> {
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  readonly concurrency: number;
  /** Does one item; must stop when the signal aborts. */
  readonly work: (item: Item, signal: AbortSignal) => Promise<Result>;
}

/** How an item, or the source itself, ended: gives its value or throws its failure. A promise in its place would reject unhandled where nobody reads any more. */
type Outcome<T> = () => T;

function failure(reason: unknown): Outcome<never> {
  return () => {
    throw reason;
  };
}

/**
 * Maps items concurrently, in input order, on the standard library's
 * `pooledMap`. That function alone goes on when its consumer has left: here
 * the source ends, one signal stops the work under way, and the rest is
 * drained before the loop is left.
 *
 * Nothing begins before the first result is asked for, and no more than
 * `concurrency` finished results wait for their reader.
 */
export async function* mapConcurrently<Item, Result>(
  { items, concurrency, work }: Mapping<Item, Result>,
): AsyncGenerator<Result, void, undefined> {
  const stop = new AbortController();
  const gate = new Gate(2 * concurrency);
  const outcomes = pooledMap(
    concurrency,
    takeUntil(items, stop.signal, gate),
    async (taken: Outcome<Item>): Promise<Outcome<Result>> => {
      try {
        const value = await work(taken(), stop.signal);
        return () => value;
      } catch (reason) {
        return failure(reason);
      }
    },
  );
  const iterator = outcomes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done) return;
      gate.leave();
      yield next.value();
    }
  } finally {
    stop.abort(new DOMException("The loop over map was left", "AbortError"));
    gate.open();
    while (!(await iterator.next()).done);
  }
}

/**
 * The source until it fails or `signal` aborts, even in the middle of a step
 * that never ends.
 */
async function* takeUntil<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  signal: AbortSignal,
  gate: Gate,
): AsyncGenerator<Outcome<Item>, void, undefined> {
  let iterator: Iterator<Item> | AsyncIterator<Item> | undefined;
  // One listener for all steps: a race against one long promise would keep something of each.
  let onStop = () => {};
  signal.addEventListener("abort", () => onStop(), { once: true });
  try {
    const steps = iterator = iteratorOf(items);
    while (!signal.aborted) {
      const step = await new Promise<IteratorResult<Item> | undefined>(
        (resolve, reject) => {
          onStop = () => resolve(undefined);
          Promise.resolve(steps.next()).then(resolve, reject);
        },
      );
      if (step === undefined || step.done) return;
      const { value } = step;
      yield () => value;
      await gate.enter();
    }
  } catch (reason) {
    // `pooledMap` would put an error of its own in the place of the source's.
    yield failure(reason);
  } finally {
    if (iterator !== undefined) end(iterator);
  }
}

function iteratorOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): Iterator<Item> | AsyncIterator<Item> {
  // `in` takes no string.
  return typeof items !== "string" && Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
}

/** Tells a source that no more is wanted. It may be in the middle of a step: nobody waits for the end of that. */
async function end(
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Its consumer has left: there is nobody to tell.
  }
}

/** Lets a number of items in before one has left. */
class Gate {
  #free: number;
  #wake: (() => void) | undefined;

  constructor(size: number) {
    this.#free = size;
  }

  async enter(): Promise<void> {
    this.#free--;
    if (this.#free > 0) return;
    await new Promise<void>((resolve) => this.#wake = resolve);
  }

  leave(): void {
    this.#free++;
    this.open();
  }

  open(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
