import { assertEquals } from "@std/assert";
import type { Logger } from "../../src/options.ts";
import { Reporter } from "../../src/reporter.ts";

/** Runs `body` and returns what it wrote with `console.error`. */
async function consoleErrors(
  body: () => void | Promise<void>,
): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  const original = console.error;
  console.error = (...line) => lines.push(line);
  try {
    await body();
  } finally {
    console.error = original;
  }
  return lines;
}

function recordingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    logger: {
      debug: (message) => lines.push(`debug ${message}`),
      info: (message) => lines.push(`info ${message}`),
      warn: (message) => lines.push(`warn ${message}`),
      error: (message) => lines.push(`error ${message}`),
    },
  };
}

Deno.test("3.1 the logger gets each message at its level", async () => {
  const { logger, lines } = recordingLogger();
  const reporter = new Reporter(logger);
  const errors = await consoleErrors(() => {
    for (const level of ["debug", "info", "warn", "error"] as const) {
      reporter.log(level, "text");
    }
    reporter.report("error", "failure");
    reporter.report("warn", "weakness");
  });
  assertEquals(lines, [
    "debug text",
    "info text",
    "warn text",
    "error text",
    "error failure",
    "warn weakness",
  ]);
  assertEquals(errors, []);
  assertEquals(reporter.hasLogger, true);
});

Deno.test("3.1 the logger's methods are called on the logger", () => {
  const lines: string[] = [];
  class ClassLogger implements Logger {
    readonly #prefix = "pool";
    debug(message: string): void {
      lines.push(`${this.#prefix}: ${message}`);
    }
    info(): void {}
    warn(): void {}
    error(): void {}
  }
  new Reporter(new ClassLogger()).log("debug", "text");
  assertEquals(lines, ["pool: text"]);
});

Deno.test("3.5 without a logger errors go to the console, details nowhere", async () => {
  const reporter = new Reporter(undefined);
  const errors = await consoleErrors(() => {
    reporter.log("warn", "detail");
    reporter.report("error", "failure");
  });
  assertEquals(errors, [["@jetsocket/pool: failure"]]);
  assertEquals(reporter.hasLogger, false);
});

Deno.test("F56 a logger that throws is ignored after one report", async () => {
  let calls = 0;
  const fail = () => {
    calls++;
    throw new RangeError("disk full");
  };
  const reporter = new Reporter({
    debug: fail,
    info: fail,
    warn: fail,
    error: fail,
  });
  const errors = await consoleErrors(() => {
    reporter.log("debug", "detail");
    reporter.log("warn", "detail");
    reporter.report("error", "failure");
  });
  assertEquals(errors, [[
    "@jetsocket/pool: The pool's logger threw: RangeError: disk full",
  ]]);
  assertEquals(calls, 3);
});

Deno.test("F56 a logger that rejects is ignored after one report", async () => {
  const fail = () => Promise.reject(new Error("disk full"));
  const reporter = new Reporter({
    debug: fail,
    info: fail,
    warn: fail,
    error: fail,
  });
  const errors = await consoleErrors(async () => {
    reporter.log("debug", "detail");
    reporter.report("error", "failure");
    // Unhandled rejections would fail the test.
    for (let turn = 0; turn < 5; turn++) await undefined;
  });
  assertEquals(errors, [[
    "@jetsocket/pool: The pool's logger threw: Error: disk full",
  ]]);
});
