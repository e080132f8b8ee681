import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { FailureRecord, Key } from "../../../src/core/key.ts";
import { KeyTable } from "../../../src/core/key_table.ts";
import type { Payload } from "../../../src/core/slot.ts";

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
  const keys = new KeyTable<Payload>();
  const names = ["a", "__proto__", "constructor"];
  const made = names.map((name) => keys.ensure(name, name));
  assertEquals(keys.size, 3);
  assertEquals([...keys.all], made);
  for (const [index, name] of names.entries()) {
    assertStrictEquals(keys.ensure(name, "other"), made[index]);
  }
});

Deno.test("4.11 a record goes only when nothing hangs on it", () => {
  const keys = new KeyTable<Payload>();
  const key = keys.ensure("a", "a");
  const uses: [(key: Key<Payload>) => void, (key: Key<Payload>) => void][] = [
    [(each) => each.size++, (each) => each.size--],
    [(each) => each.warmers++, (each) => each.warmers--],
    [(each) => keys.fail(each, record(9)), () => keys.clearFailures()],
  ];
  for (const [use, end] of uses) {
    use(key);
    keys.dropIfUnused(key);
    assert(key.attached);
    end(key);
  }
  keys.dropIfUnused(key);
  keys.dropIfUnused(key);
  assertEquals([key.attached, keys.size], [false, 0]);
});

Deno.test("a record kept outside is adopted, unless another has its name by now", () => {
  const keys = new KeyTable<Payload>();
  const key = keys.ensure("a", "a");
  assertStrictEquals(keys.adopt(key), key);
  keys.dropIfUnused(key);
  assertStrictEquals(keys.adopt(key), key);
  assert(key.attached);
  keys.dropIfUnused(key);
  const newer = keys.ensure("a", "a");
  assertStrictEquals(keys.adopt(key), newer);
  assert(!key.attached);
});

Deno.test("4.2 failures are forgotten at their time, but not of a key in use", () => {
  const keys = new KeyTable<Payload>();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) =>
    keys.ensure(name, name)
  );
  assert(a && b && c && d);
  keys.fail(d, record(30));
  for (const key of [a, b, c]) keys.fail(key, record(10));
  keys.fail(d, record(30));
  b.connecting = 1;
  b.size = 1;
  keys.forgetFailures(9);
  assertEquals(keys.size, 4);
  keys.forgetFailures(10);
  assertEquals([...keys.all].map(({ name }) => name), ["b", "d"]);
  assert(b.failed !== undefined && d.failed !== undefined);
  assertEquals([a.failed, c.failed], [undefined, undefined]);
  keys.forgetFailures(30);
  assertEquals([...keys.all], [b]);
});

Deno.test("`clear` drops all failure records and says whose they were", () => {
  const keys = new KeyTable<Payload>();
  const key = keys.ensure("a", "a");
  keys.ensure("b", "b");
  keys.fail(key, record(10));
  assertEquals(keys.clearFailures(), [key]);
  assertEquals(key.failed, undefined);
  assertEquals(keys.clearFailures(), []);
});
