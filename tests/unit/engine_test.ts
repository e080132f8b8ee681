import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { PooledConnection } from "../../mod.ts";
import { isV8 } from "../../src/engine.ts";
import { createVirtualPool } from "../support/virtual_pool.ts";

Deno.test("Deno runs on V8", () => assert(isV8));

Deno.test("an engine of which the runtime says nothing is no V8", async () => {
  const navigators = [undefined, {}, { userAgent: "Bun/1.4.5" }];
  const own = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  assert(own !== undefined);
  for (const [index, value] of navigators.entries()) {
    const told = { value, configurable: true };
    Object.defineProperty(globalThis, "navigator", told);
    try {
      const engine = await import(`../../src/engine.ts?${index}`);
      assertEquals(engine.isV8, false);
    } finally {
      Object.defineProperty(globalThis, "navigator", own);
    }
  }
});

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
