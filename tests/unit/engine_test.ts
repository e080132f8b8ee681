import { assertEquals, assertStrictEquals } from "@std/assert";
import { PooledConnection } from "../../mod.ts";
import { denyThen } from "../../src/engine.ts";

Deno.test("V8 finds at once that a lease's handle is no thenable", () => {
  const { prototype } = PooledConnection;
  assertEquals(Object.getOwnPropertyDescriptor(prototype, "then"), {
    value: undefined,
    writable: false,
    enumerable: false,
    configurable: false,
  });
  // The last name is compared first. Symbols come after names in any case.
  assertEquals(Object.getOwnPropertyNames(prototype).at(-1), "then");
});

Deno.test("a promise is fulfilled with what is no thenable", async () => {
  class Plain {
    static {
      denyThen(Plain.prototype);
    }
  }
  const plain = new Plain();
  assertStrictEquals(await plain, plain);
});
