import { assertEquals } from "@std/assert";
import strict from "node:assert/strict";
import shim from "./shims/assert.ts";
import { runAll, test } from "./shims/test.ts";

type Assert = typeof shim;

/** Whether it throws, and if so, what kind of error. */
function verdict(body: () => void): string | undefined {
  try {
    body();
  } catch (error) {
    return error instanceof Error ? error.name : "no error";
  }
}

const checks: Record<string, (assert: Assert) => void> = {
  "ok 1": (assert) => assert.ok(1),
  "ok 0": (assert) => assert.ok(0),
  "equal NaN": (assert) => assert.equal(NaN, NaN),
  "equal 0 -0": (assert) => assert.equal(0, -0),
  "equal 1 '1'": (assert) => assert.equal<unknown>(1, "1"),
  "equal error": (assert) => assert.equal(1, 2, new RangeError("mine")),
  "deepEqual nested": (assert) =>
    assert.deepEqual({ a: [1, { b: undefined }] }, {
      a: [1, { b: undefined }],
    }),
  "deepEqual order": (assert) =>
    assert.deepEqual({ a: 1, b: 2 }, { b: 2, a: 1 }),
  "deepEqual value": (assert) => assert.deepEqual([1, 2], [1, 3]),
  "deepEqual length": (assert) => assert.deepEqual([1], [1, 2]),
  "deepEqual undefined is not absent": (assert) =>
    assert.deepEqual({ a: undefined }, {}),
  "deepEqual another name": (assert) =>
    assert.deepEqual({ a: undefined }, { b: undefined }),
  "deepEqual type": (assert) => assert.deepEqual([1], ["1"]),
  "deepEqual null": (assert) => assert.deepEqual(null, {}),
  "deepEqual array or object": (assert) => assert.deepEqual([], {}),
  "fail": (assert) => assert.fail("so"),
  "throws": (assert) =>
    assert.throws(() => {
      throw new TypeError();
    }, TypeError),
  "throws nothing": (assert) => assert.throws(() => {}, TypeError),
};

for (const [name, check] of Object.entries(checks)) {
  Deno.test(`the browser's assert agrees with node:assert: ${name}`, () => {
    assertEquals(
      verdict(() => check(shim)),
      verdict(() => check(strict)),
    );
  });
}

Deno.test("the browser's test runs cases in turn and takes no failure for a pass", async () => {
  const order: number[] = [];
  test("passes", {}, async () => {
    await Promise.resolve();
    order.push(1);
  });
  test("is skipped", { skip: true }, () => void order.push(2));
  test("throws", {}, () => {
    order.push(3);
    throw new Error("oops");
  });
  test("rejects", {}, () => Promise.reject("nothing"));
  const results = await runAll();
  assertEquals(
    results.map(({ title, outcome }) => [title, outcome]),
    [
      ["passes", "passed"],
      ["is skipped", "skipped"],
      ["throws", "failed"],
      ["rejects", "failed"],
    ],
  );
  assertEquals(results[3]?.failure, "nothing");
  assertEquals(order, [1, 3]);
});
