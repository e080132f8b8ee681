/**
 * What the tests and examples rely on in the standard library. It holds for the
 * originals and, where JSR is out of reach, for what stands in for them.
 */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { pooledMap } from "@std/async/pool";
import {
  BaseHandler,
  ConsoleHandler,
  getLogger,
  type LevelName,
  Logger,
  setup,
} from "@std/log";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
} from "@std/testing/bdd";

Deno.test("deadline without a bound waits for its signal", async () => {
  const reason = new Error("gone");
  const never = new Promise<void>(() => {});
  const error = await assertRejects(() =>
    deadline(never, Infinity, { signal: AbortSignal.abort(reason) })
  );
  assertStrictEquals(error, reason);
});

Deno.test("pooledMap keeps the order of its source", async () => {
  const gate = Promise.withResolvers<void>();
  const results = pooledMap(2, ["slow", "fast"], async (name) => {
    if (name === "slow") await gate.promise;
    else gate.resolve();
    return name;
  });
  assertEquals(await Array.fromAsync(results), ["slow", "fast"]);
});

describe("bdd", () => {
  const calls: string[] = [];
  beforeAll(() => {
    calls.push("beforeAll");
  });
  beforeEach(() => {
    calls.push("outer beforeEach");
  });
  afterEach(() => {
    calls.push("outer afterEach");
  });
  afterAll(() => {
    assertEquals(calls, [
      "beforeAll",
      "outer beforeEach",
      "first",
      "outer afterEach",
      "outer beforeEach",
      "inner beforeEach",
      "second",
      "inner afterEach",
      "outer afterEach",
    ]);
  });
  it("runs a case between its hooks", () => {
    calls.push("first");
  });
  it.skip("leaves out what is skipped", () => {
    calls.push("skipped");
  });
  describe("inside another suite", () => {
    beforeEach(() => {
      calls.push("inner beforeEach");
    });
    afterEach(() => {
      calls.push("inner afterEach");
    });
    it("runs the inner hooks next to the case", () => {
      calls.push("second");
    });
  });
});

class Lines extends BaseHandler {
  readonly lines: string[] = [];

  log(line: string): void {
    this.lines.push(line);
  }
}

class ConsoleLines extends ConsoleHandler {
  readonly lines: string[] = [];

  override log(line: string): void {
    this.lines.push(line);
  }
}

Deno.test("a logger writes what its level and its handlers' let through", () => {
  const all = new Lines("DEBUG");
  const grave = new Lines("ERROR", {
    formatter: ({ loggerName, levelName, msg, args }) =>
      `${loggerName}/${levelName}/${msg}/${args.join()}`,
  });
  setup({
    handlers: { all, grave },
    loggers: { pool: { level: "INFO", handlers: ["all", "grave"] } },
  });
  const logger = getLogger("pool");
  assertEquals(logger.debug("below the level"), "below the level");
  assertEquals(logger.info(() => "lazy"), "lazy");
  assertEquals(logger.debug(() => "never called"), undefined);
  logger.warn({ connection: 1, key: "a" });
  logger.error("lost", 1006);
  assertEquals(all.lines, [
    "INFO lazy",
    'WARN {"connection":1,"key":"a"}',
    "ERROR lost",
  ]);
  assertEquals(grave.lines, ["pool/ERROR/lost/1006"]);
  assertStrictEquals(getLogger("pool"), logger);
  assertEquals(getLogger("nobody configured it").info("silent"), "silent");
  setup({});
});

Deno.test("the console handler colours by level", () => {
  const painted = (color: number, line: string) =>
    Deno.noColor ? line : `\x1b[${color}m${line}\x1b[39m`;
  const levels: LevelName[] = ["INFO", "WARN", "ERROR"];
  for (const useColors of [true, false]) {
    const handler = new ConsoleLines("INFO", { useColors });
    const logger = new Logger("any", "DEBUG", { handlers: [handler] });
    logger.debug("below the handler's level");
    logger.info("i");
    logger.warn("w");
    logger.error("e");
    const plain = levels.map((name) => `${name} ${name[0]?.toLowerCase()}`);
    const expected = useColors
      ? plain.map((line, index) => painted([34, 33, 31][index] ?? 0, line))
      : plain;
    assertEquals(handler.lines, expected);
  }
});

/** Never called: an import without types would let these lines compile. */
export async function typesAreReal(): Promise<void> {
  // @ts-expect-error a deadline resolves with what its promise does
  const text: string = await deadline(Promise.resolve(1), 1);
  // @ts-expect-error the mapper has to return a promise
  pooledMap(1, [1], (n) => n);
  // @ts-expect-error the two values have to be of one type
  assertEquals(1, text);
  // @ts-expect-error there is no such level
  new Logger("any", "LOUD");
  // @ts-expect-error a case has to do something
  it("nothing");
}
