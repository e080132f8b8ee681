import { assertEquals, assertRejects } from "@std/assert";
import { createVirtualPool } from "../../support/virtual_pool.ts";

Deno.test("4.2 acquires that begin to wait in one turn keep what each asked for", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const held = await pool.acquire("/a");
  const abort = new AbortController();
  const bound = pool.acquire("/a", { signal: abort.signal, timeout: 5_000 });
  const plain = pool.acquire("/a");
  const short = pool.acquire("/b", { timeout: 1_000 });
  const last = pool.acquire("/a", { timeout: 2_000 });
  const order: string[] = [];
  for (const [name, pending] of Object.entries({ bound, plain, last })) {
    pending.then(
      async (lease) => {
        order.push(name);
        await lease.release();
      },
      () => order.push(`no ${name}`),
    );
  }
  abort.abort(new Error("enough"));
  await assertRejects(() => bound, Error, "enough");
  await Promise.all([
    assertRejects(() => short, Error, "within 1000 ms"),
    clock.advance(1_000),
  ]);
  await held.release();
  await Promise.all([plain, last]);
  assertEquals(order, ["no bound", "plain", "last"]);
});
