import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { PooledConnection } from "../../mod.ts";
import { isV8 } from "../../src/engine.ts";
import { createVirtualPool } from "../support/virtual_pool.ts";

Deno.test("Deno runs on V8", () => assert(isV8));

Deno.test("V8 finds at once that a lease's handle is no thenable", async () => {
  const { prototype } = PooledConnection;
  assertEquals(Object.getOwnPropertyDescriptor(prototype, "then"), {
    value: undefined,
    writable: false,
    enumerable: false,
    configurable: false,
  });
  // The last name is compared first. Symbols come after names in any case.
  assertEquals(Object.getOwnPropertyNames(prototype).at(-1), "then");
  await using virtual = createVirtualPool();
  const lease = await virtual.pool.acquire("/a");
  assertStrictEquals(await lease, lease);
});
