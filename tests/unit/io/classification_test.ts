import { assert, assertEquals } from "@std/assert";
import { classifyDial, isRetryable } from "../../../src/io/classification.ts";
import type { DialFailure } from "../../../src/io/dial_failure.ts";
import type {
  ConnectionFailure,
  WebSocketConfig,
} from "../../../src/options.ts";

type Classify = WebSocketConfig["classify"];

const REFUSED: DialFailure = {
  phase: "dial",
  why: "it was refused",
  closeCode: 1006,
  closeReason: "",
  wasClean: false,
  fatal: false,
  timedOut: false,
  cause: undefined,
};

function silent(): never {
  throw new Error("Nothing was to be reported.");
}

function end(
  code: number,
): { code: number; reason: string; wasClean: boolean } {
  return { code, reason: "why", wasClean: true };
}

Deno.test("4.5 the default table, over all codes", () => {
  const fatal = new Set([1002, 1003, 1007, 1008, 1009, 1010, 4401, 4403]);
  for (let code = 1000; code < 5000; code++) {
    assertEquals(
      isRetryable(undefined, end(code), 1, silent),
      !fatal.has(code),
      String(code),
    );
  }
  assert(isRetryable(undefined, undefined, 1, silent));
});

Deno.test("4.5 without classify a failed dial is what it is", () => {
  assertEquals(classifyDial(undefined, REFUSED, 1, silent), REFUSED);
});

Deno.test("4.5 classify decides, and only `fatal` of the failure changes", () => {
  const failing: DialFailure = { ...REFUSED, phase: "protocol", fatal: true };
  for (const failure of [REFUSED, failing]) {
    for (const verdict of ["fatal", "retry"] as const) {
      assertEquals(classifyDial(() => verdict, failure, 1, silent), {
        ...failure,
        fatal: verdict === "fatal",
      });
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
  isRetryable(classify, end(4000), 3, silent);
  isRetryable(classify, undefined, 1, silent);
  const cause = { name: "Error", message: "x" };
  classifyDial(
    classify,
    { ...REFUSED, phase: "resolve", closeCode: undefined, cause },
    7,
    silent,
  );
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
    assertEquals(isRetryable(classify, end(1008), 1, report), false);
    assertEquals(isRetryable(classify, end(1012), 1, report), true);
    assertEquals(classifyDial(classify, REFUSED, 1, report), REFUSED);
    assertEquals(reports, ["classify", "classify", "classify"]);
  }
});
