import { assertStrictEquals } from "@std/assert";
import { Rejection } from "../../../src/io/answer.ts";

Deno.test("4.2 a rejection settles a promise with its reason, whatever that is", async () => {
  for (const reason of [new Error("why"), undefined, "why", { then: 1 }]) {
    const { promise, resolve } = Promise.withResolvers<object>();
    resolve(new Rejection(reason));
    resolve({});
    let caught: unknown = "nothing";
    await promise.catch((error) => caught = error);
    assertStrictEquals(caught, reason);
  }
});
