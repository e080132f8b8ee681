import { assertEquals } from "@std/assert";
import { AbortWatch } from "../../../src/io/abort_watch.ts";

/** A signal that counts how often a listener came and went. */
class CountingSignal {
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  listeners = 0;

  constructor() {
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (
      ...args: Parameters<AbortSignal["addEventListener"]>
    ) => {
      this.listeners++;
      add(...args);
    };
    signal.removeEventListener = (
      ...args: Parameters<AbortSignal["removeEventListener"]>
    ) => {
      this.listeners--;
      remove(...args);
    };
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }
}

Deno.test("F36 an abort reaches everybody under the signal, once, in order", () => {
  const told: [item: string, reason: unknown][] = [];
  const watch = new AbortWatch<string>((item, reason) =>
    told.push([item, reason])
  );
  const one = new AbortController();
  const other = new AbortController();
  watch.add(one.signal, "a");
  watch.add(one.signal, "b");
  watch.add(other.signal, "c");
  one.abort("reason");
  assertEquals(told, [["a", "reason"], ["b", "reason"]]);
  other.abort("other");
  assertEquals(told.length, 3);
});

Deno.test("F89 a signal has one listener however many wait, and none after", () => {
  const watch = new AbortWatch<number>(() => {});
  const counting = new CountingSignal();
  const items = Array.from({ length: 1_000 }, (_, item) => item);
  for (const item of items) watch.add(counting.signal, item);
  assertEquals(counting.listeners, 1);
  for (const item of items) watch.remove(counting.signal, item);
  assertEquals(counting.listeners, 0);
  watch.remove(counting.signal, 0);
  assertEquals(counting.listeners, 0);
});

Deno.test("F36 who was removed is not told, who was added again is", () => {
  const told: string[] = [];
  const watch = new AbortWatch<string>((item) => told.push(item));
  const abort = new AbortController();
  watch.add(abort.signal, "a");
  watch.add(abort.signal, "b");
  watch.remove(abort.signal, "a");
  watch.remove(abort.signal, "b");
  watch.add(abort.signal, "c");
  abort.abort();
  assertEquals(told, ["c"]);
});

Deno.test("I5 who is answered while others are told is not told", () => {
  const told: string[] = [];
  const abort = new AbortController();
  const watch: AbortWatch<string> = new AbortWatch((item) => {
    told.push(item);
    // Aborting the first makes room for the second.
    watch.remove(abort.signal, "b");
    watch.remove(abort.signal, item);
  });
  for (const item of ["a", "b", "c"]) watch.add(abort.signal, item);
  abort.abort();
  assertEquals(told, ["a", "c"]);
});

Deno.test("F36 who waits under no signal is not watched, and stops nobody else's watch", () => {
  const told: string[] = [];
  const watch = new AbortWatch<string>((item) => told.push(item));
  const one = new AbortController();
  watch.add(undefined, "a");
  watch.add(one.signal, "b");
  watch.remove(undefined, "b");
  one.abort();
  assertEquals(told, ["b"]);
});
