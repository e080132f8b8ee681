import { assertEquals, assertFalse } from "@std/assert";
import {
  callGuarded,
  describe,
  describeThrown,
  nameOf,
} from "../../src/thrown.ts";

Deno.test("F90 of what user code threw only plain data is kept", () => {
  class HookError extends Error {
    readonly socket = { url: "wss://h/?token=s3cret" };
    override readonly name = "HookError";
  }
  const kept = describeThrown(new HookError("login refused"));
  assertFalse(Deno.inspect(kept).includes("s3cret"));
  assertFalse(kept instanceof Error);
  const { name, message }: { name?: unknown; message?: unknown } = Object(kept);
  assertEquals([name, message], ["HookError", "login refused"]);
  assertEquals(describeThrown("s3cret"), { name: "string" });
  assertEquals(describeThrown(null), { name: "object" });
});

Deno.test("4.10 of what is no Error only the kind is told", () => {
  assertEquals(describe(new TypeError("text")), "TypeError: text");
  assertEquals(describe("s3cret"), "string");
  assertEquals(describe({ token: "s3cret" }), "object");
  assertEquals(describe(undefined), "undefined");
  assertEquals(nameOf(new TypeError("s3cret")), "TypeError");
});

Deno.test("4.9 a thrown value that throws when it is read is told of all the same", () => {
  const fail = () => {
    throw new Error("it cannot be read");
  };
  const unreadable = Object.defineProperties(new Error("text"), {
    name: { get: fail },
    message: { get: fail },
    stack: { get: fail },
  });
  assertEquals(describe(unreadable), "Error: ");
  assertEquals(describeThrown(unreadable), {
    name: "Error",
    message: "",
    stack: undefined,
  });
  const trap = new Proxy({}, { getPrototypeOf: fail, get: fail });
  assertEquals(describe(trap), "object");
  assertEquals(describeThrown(trap), { name: "object" });
});

Deno.test("F90 4.9 texts of a thrown error that are none are not kept", () => {
  const socket = { url: "wss://h/?token=s3cret" };
  const odd = Object.assign(new Error("text"), { name: Symbol("odd") });
  Object.defineProperties(odd, {
    message: { value: socket },
    stack: { value: socket },
  });
  assertEquals(describe(odd), "Error: ");
  assertFalse(Deno.inspect(describeThrown(odd)).includes("s3cret"));
});

Deno.test("4.9 what guarded code throws, or rejects with, is reported once", async () => {
  const reports: unknown[] = [];
  const report = (thrown: unknown) => void reports.push(thrown);
  const fail = () => {
    throw new Error("it cannot be read");
  };
  callGuarded(() => 1, report);
  callGuarded(() => Promise.resolve(2), report);
  callGuarded(() => Promise.reject("late"), report);
  callGuarded(() => {
    // deno-lint-ignore no-throw-literal -- user code may
    throw "at once";
  }, report);
  assertEquals(reports, ["at once"]);
  for (let turn = 0; turn < 5; turn++) await undefined;
  assertEquals(reports, ["at once", "late"]);
  callGuarded(() => new Proxy({}, { getPrototypeOf: fail }), report);
  assertEquals(reports.length, 3);
});
