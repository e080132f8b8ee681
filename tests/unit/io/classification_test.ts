import { assert, assertEquals } from "@std/assert";
import { isFatal, isFatalEnd } from "../../../src/io/classification.ts";
import type { SocketEnd } from "../../../src/io/socket.ts";
import type {
  ConnectionFailure,
  WebSocketConfig,
} from "../../../src/options.ts";

type Classify = WebSocketConfig["classify"];
type Failure = Parameters<typeof isFatal>[1];

function silent(): never {
  throw new Error("Nothing was to be reported.");
}

function endOf(code: number): SocketEnd {
  return { code, reason: "why", wasClean: true };
}

const REFUSED: Failure = { phase: "dial", end: endOf(1006), fatal: false };
const LOST: Failure = { phase: "lost", end: endOf(1008), fatal: true };

Deno.test("4.5 the default table, over all codes", () => {
  const fatal = new Set([1002, 1003, 1007, 1008, 1009, 1010, 4401, 4403]);
  for (let code = 1000; code < 5000; code++) {
    assertEquals(isFatalEnd(endOf(code)), fatal.has(code), String(code));
  }
  assertEquals(isFatalEnd(undefined), false);
});

Deno.test("4.5 without classify a failure is what it is by default", () => {
  for (const failure of [REFUSED, LOST]) {
    assertEquals(isFatal(undefined, failure, 1, silent), failure.fatal);
  }
});

Deno.test("4.5 classify decides, whatever the default", () => {
  for (const failure of [REFUSED, LOST]) {
    for (const verdict of ["fatal", "retry"] as const) {
      assertEquals(
        isFatal(() => verdict, failure, 1, silent),
        verdict === "fatal",
      );
    }
  }
});

Deno.test("4.5 classify is told what is known, frozen; what is not known is absent", () => {
  const seen: ConnectionFailure[] = [];
  const classify: Classify = (failure) => {
    assert(Object.isFrozen(failure));
    seen.push(failure);
    return "retry";
  };
  const cause = { name: "Error", message: "x" };
  const failures: [failure: Failure, attempt: number][] = [
    [{ phase: "lost", end: endOf(4000), fatal: false }, 3],
    [{ phase: "lost", end: undefined, fatal: false }, 1],
    [{ phase: "resolve", end: undefined, fatal: false, cause }, 7],
  ];
  for (const [failure, attempt] of failures) {
    isFatal(classify, failure, attempt, silent);
  }
  assertEquals(seen, [
    {
      phase: "lost",
      closeCode: 4000,
      closeReason: "why",
      wasClean: true,
      attempt: 3,
    },
    { phase: "lost", attempt: 1 },
    { phase: "resolve", attempt: 7, cause },
  ]);
});

Deno.test("4.9 classify that throws or answers anything else is reported once per call, and the default stands", () => {
  const bad: (() => unknown)[] = [
    () => undefined,
    () => null,
    () => false,
    () => "FATAL",
    () => Promise.resolve("fatal"),
    () => Promise.reject(new Error("unheard")),
    () => {
      throw new Error("user's bug");
    },
  ];
  for (const answer of bad) {
    const reports: string[] = [];
    const report = (what: string) => void reports.push(what);
    const { classify }: { classify?: never } = Object.fromEntries([
      ["classify", answer],
    ]);
    assertEquals(isFatal(classify, LOST, 1, report), true);
    assertEquals(isFatal(classify, REFUSED, 1, report), false);
    assertEquals(reports, ["classify", "classify"]);
  }
});
