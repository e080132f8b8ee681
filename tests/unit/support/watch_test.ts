import { assertEquals, assertRejects } from "@std/assert";
import { Watch } from "../../support/watch.ts";

Deno.test("Watch resolves once its condition holds", async () => {
  using watch = new Watch();
  let count = 0;
  let reached = false;
  const two = watch.until(() => count === 2).then(() => reached = true);
  count = 1;
  watch.changed();
  await Promise.resolve();
  assertEquals(reached, false);
  count = 2;
  watch.changed();
  await two;
  await watch.until(() => count === 2);
});

Deno.test("Watch gives up and names the condition", async () => {
  using watch = new Watch();
  const never = false;
  const waiting = watch.until(() => never, 1);
  const error = await assertRejects(() => waiting, Error, "within 1 ms");
  assertEquals(error.message.endsWith("never"), true);
});

Deno.test("Watch rejects those who wait when it goes", async () => {
  const watch = new Watch();
  const waiting = watch.until(() => false);
  watch[Symbol.dispose]();
  await assertRejects(() => waiting, Error, "went away");
  await assertRejects(() => watch.until(() => false), Error, "went away");
});
