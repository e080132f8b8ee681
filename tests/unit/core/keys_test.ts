import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { FailureRecord, Key } from "../../../src/core/key.ts";
import {
  adoptKey,
  clearFailures,
  dropIfUnused,
  ensureKey,
  forgetFailures,
  recordFailure,
} from "../../../src/core/keys.ts";
import { Ledger } from "../../../src/core/ledger.ts";
import { addWaiter, removeWaiter } from "../../../src/core/queue.ts";
import type { Payload } from "../../../src/core/slot.ts";
import { Cohort } from "../../../src/core/waiter.ts";
import { LIMITS } from "./script.ts";

function record(forgetAt: number): FailureRecord<Payload> {
  return {
    isFailing: true,
    attempts: 1,
    rounds: 1,
    failure: "no",
    retryAt: 0,
    forgetAt,
  };
}

Deno.test("one record per name, whatever the name is", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const names = ["a", "__proto__", "constructor"];
  const made = names.map((name) => ensureKey(ledger, name, name));
  assertEquals(ledger.keys.size, 3);
  assertEquals([...ledger.keys.values()], made);
  for (const [index, name] of names.entries()) {
    assertStrictEquals(ensureKey(ledger, name, "other"), made[index]);
  }
});

Deno.test("4.11 a record goes only when nothing hangs on it", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = ensureKey(ledger, "a", "a");
  const uses: [(key: Key<Payload>) => void, (key: Key<Payload>) => void][] = [
    [(each) => each.size++, (each) => each.size--],
    [(each) => each.warmers++, (each) => each.warmers--],
    [
      (each) => addWaiter(ledger, new Cohort(each, false, 9, "a", 0), "a"),
      ({ oldestWaiter }) => oldestWaiter && removeWaiter(ledger, oldestWaiter),
    ],
    [
      (each) => recordFailure(ledger, each, record(9)),
      () => clearFailures(ledger),
    ],
  ];
  for (const [use, end] of uses) {
    use(key);
    dropIfUnused(ledger, key);
    assert(key.attached);
    end(key);
  }
  dropIfUnused(ledger, key);
  dropIfUnused(ledger, key);
  assertEquals([key.attached, ledger.keys.size], [false, 0]);
});

Deno.test("a record kept outside is adopted, unless another has its name by now", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = ensureKey(ledger, "a", "a");
  assertStrictEquals(adoptKey(ledger, key), key);
  dropIfUnused(ledger, key);
  assertStrictEquals(adoptKey(ledger, key), key);
  assert(key.attached);
  dropIfUnused(ledger, key);
  const newer = ensureKey(ledger, "a", "a");
  assertStrictEquals(adoptKey(ledger, key), newer);
  assert(!key.attached);
  // To let go of the old one once more takes nothing from the new one.
  dropIfUnused(ledger, key);
  assertStrictEquals(ledger.keys.get("a"), newer);
});

Deno.test("4.2 failures are forgotten at their time, but not of a key in use", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) =>
    ensureKey(ledger, name, name)
  );
  assert(a && b && c && d);
  recordFailure(ledger, d, record(30));
  for (const key of [a, b, c]) recordFailure(ledger, key, record(10));
  recordFailure(ledger, d, record(30));
  b.connecting = 1;
  b.size = 1;
  const forgetFailuresAt = (now: number) => {
    ledger.now = now;
    forgetFailures(ledger);
  };
  forgetFailuresAt(9);
  assertEquals(ledger.keys.size, 4);
  forgetFailuresAt(10);
  assertEquals([...ledger.keys.keys()], ["b", "d"]);
  assert(b.failed !== undefined && d.failed !== undefined);
  assertEquals([a.failed, c.failed], [undefined, undefined]);
  forgetFailuresAt(30);
  assertEquals([...ledger.keys.values()], [b]);
});

Deno.test("`clear` drops all failure records and says whose they were", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = ensureKey(ledger, "a", "a");
  ensureKey(ledger, "b", "b");
  recordFailure(ledger, key, record(10));
  assertEquals(clearFailures(ledger), [key]);
  assertEquals(key.failed, undefined);
  assertEquals(clearFailures(ledger), []);
});
