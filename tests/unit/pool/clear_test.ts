import { assertEquals, assertThrows } from "@std/assert";
import { createVirtualPool } from "../../support/virtual_pool.ts";

Deno.test("3.1 clear tells the logger why, once its work is done", async () => {
  const lines: string[] = [];
  const ignore = () => {};
  const info = (line: string) => {
    lines.push(`${line} (${pool.stats().idleConnections} idle)`);
  };
  await using virtual = createVirtualPool({
    logger: { debug: ignore, info, warn: ignore, error: ignore },
  });
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  pool.clear("new credentials");
  pool.clear();
  assertEquals(lines, [
    "The pool is cleared: new credentials (0 idle)",
    "The pool is cleared (0 idle)",
  ]);
});

Deno.test("3.1 clear takes a string as its reason, and clears nothing without one", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  const wrong: unknown[] = [1, null, {}];
  for (const reason of wrong) {
    assertThrows(
      () => Reflect.apply(pool.clear, pool, [reason]),
      TypeError,
      "clear.reason must be a string",
    );
  }
  assertEquals(pool.stats().idleConnections, 1);
});
