/**
 * Options of every kind with values of every kind. What is taken, and which
 * error is thrown, is worked out by the rules of `option_kinds.ts`.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type { PooledConnection } from "@jetsocket/pool";
import fc from "fast-check";
import { resolveConfig } from "../../src/config.ts";
import { resolveOption } from "../support/resolve_option.ts";
import {
  createVirtualPool,
  type VirtualPool,
} from "../support/virtual_pool.ts";
import { HOSTILE, UNREADABLE } from "./hostile_values.ts";
import type { Kind, Verdict } from "./option_kinds.ts";
import { BESIDE, CALL_OPTIONS, POOL_OPTIONS } from "./option_table.ts";
import { runs, seeded } from "./runs.ts";

const PLAIN: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, 1.5, 5, 1_000, 2 ** 31, 2 ** 53, 1e300),
  fc.constantFrom(NaN, Infinity, -Infinity, Number.MIN_VALUE),
  fc.double(),
  fc.integer(),
  fc.constantFrom("discard", "retire", "throw", "json", "drop-oldest", "a"),
  fc.constantFrom("toString", "constructor", "__proto__", "5", "", "a b"),
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom("a", "b", "A", "b c", ""), { maxLength: 3 }),
  fc.anything({ withBigInt: true, withNullPrototype: true, withSet: true }),
  fc.boolean(),
  fc.constant(undefined),
);

/** Makers of values that are right for some option, almost right for another, and wrong for most: fast-check itself cannot handle them all. */
const values: fc.Arbitrary<() => unknown> = fc.oneof(
  { weight: 5, arbitrary: PLAIN.map((value) => () => value) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(HOSTILE)) },
);

/** Calls. @returns What was thrown, or that nothing was */
async function outcomeOf(
  call: () => unknown,
): Promise<{ thrown: unknown } | undefined> {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

/** The text of a value as an error may show it. */
function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 64));
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" || typeof value === "function"
    ? typeof value
    : String(value);
}

/** A string that would be recognised wherever it is shown. */
function isTelling(value: unknown): value is string {
  return typeof value === "string" && value.length > 4 &&
    /^[a-z0-9]+$/i.test(value);
}

async function assertJudged(
  name: string,
  kind: Kind,
  value: unknown,
  call: () => unknown,
): Promise<void> {
  const verdict: Verdict = kind.judge(value);
  const outcome = await outcomeOf(call);
  if (verdict === "taken") {
    assertEquals(outcome, undefined, `${name} is not taken`);
    return;
  }
  const error = outcome?.thrown;
  assert(error instanceof Error, `${name}: it is taken`);
  // A trap of the value itself has thrown: that comes out as it is.
  if (error.message === UNREADABLE) return;
  assertStrictEquals(error.constructor, verdict, error.message);
  // Of two options of a pool that do not fit each other the second is named in short.
  const shown = name in POOL_OPTIONS ? name.split(".").at(-1) ?? name : name;
  assert(error.message.includes(shown), error.message);
  const { message } = error;
  if (!kind.isSecret) {
    // Of an object with unknown names these are told.
    const isNamed = message.includes("has no option");
    const isShown = isNamed || message.includes(textOf(value));
    assert(isShown, `${message}: ${textOf(value)}`);
  } else if (isTelling(value)) {
    assert(!error.message.includes(value), error.message);
  }
}

Deno.test(
  seeded("3.1 F60 options of a pool with values of every kind"),
  async () => {
    const options = fc.constantFrom(...Object.entries(POOL_OPTIONS));
    await fc.assert(
      fc.asyncProperty(options, values, async ([name, kind], make) => {
        const value = make();
        if (value === undefined && name in BESIDE) return;
        await assertJudged(name, kind, value, () => resolveBeside(name, value));
      }),
      runs(1_500, 60_000),
    );
  },
);

/** Resolves an option, with what has to be given beside it. */
function resolveBeside(path: string, value: unknown): unknown {
  const beside = BESIDE[path];
  if (beside === undefined) return resolveOption(path, value);
  const names = path.split(".");
  const last = names.pop() ?? "";
  return resolveOption(names.join("."), { ...beside, [last]: value });
}

/** A call with options, of a pool with an idle connection of the key. */
function callOf(
  { pool }: VirtualPool<unknown, unknown>,
  conn: PooledConnection,
  name: string,
  options: object,
): unknown {
  switch (name) {
    case "acquire":
      return pool.acquire("/a", options).then((lease) => lease.discard());
    case "tryAcquire":
      return pool.tryAcquire("/a", options)?.release();
    case "warm":
      return pool.warm("/a", options);
    case "map":
      return pool.map([], String, () => {}, options);
    case "close":
      return pool.close(options);
    case "send":
      return conn.send("x", options);
    case "sendRaw":
      return conn.sendRaw("x", options);
    default:
      return conn.receive(options);
  }
}

Deno.test(
  seeded("3.1 F60 options of calls with values of every kind"),
  async () => {
    const calls = fc.constantFrom(
      ...Object.entries(CALL_OPTIONS).flatMap(([call, options]) =>
        Object.entries(options).map(([name, kind]) => ({ call, name, kind }))
      ),
    );
    await fc.assert(
      fc.asyncProperty(calls, values, async ({ call, name, kind }, make) => {
        const value = make();
        // What is taken may wait for ever, or be over at once: it is not asked.
        if (kind.judge(value) === "taken") return;
        await using virtual = createVirtualPool({ maxConnections: 3 });
        const conn = await virtual.pool.acquire("/a");
        const before = virtual.pool.stats();
        await assertJudged(
          `${call}.${name}`,
          kind,
          value,
          () => callOf(virtual, conn, call, { [name]: value }),
        );
        // 3.4: errors of arguments count nowhere, and 4.8: they close nothing.
        assertEquals(virtual.pool.stats(), before);
        assertEquals(virtual.pool.closed, false);
        assertEquals(virtual.network.last.sent, []);
      }),
      runs(200, 6_000),
    );
  },
);

/** Every object of options that there is, with a value that is right in all of it. */
const OWNERS: readonly [name: string, use: (options: object) => unknown][] = [
  ["ConnectionPoolConfig", (options) => resolveConfig(options)],
  ...["websocket", "websocket.reconnect", "websocket.heartbeat"].map((
    name,
  ): [string, (options: object) => unknown] => [
    name,
    (options) => resolveOption(name, options),
  ]),
  ["websocket.inbox", (options) => resolveOption("websocket.inbox", options)],
  ["connectRate", (options) => resolveOption("connectRate", options)],
];

Deno.test(
  seeded(
    "3.1 an unknown name of any object of options is a TypeError that says it",
  ),
  () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OWNERS),
        fc.oneof(fc.string(), fc.constantFrom("toString", "max", "__proto__")),
        ([owner, use], name) => {
          const path = owner === "ConnectionPoolConfig"
            ? name
            : `${owner}.${name}`;
          if (
            Object.keys(POOL_OPTIONS).some((known) => known.startsWith(path))
          ) {
            return;
          }
          const options = Object.defineProperty({}, name, {
            value: undefined,
            enumerable: true,
          });
          const error = assertThrows(() => use(options), TypeError);
          assert(error.message.includes(`"${name}"`), error.message);
          assert(error.message.startsWith(owner), error.message);
        },
      ),
      runs(500, 10_000),
    );
  },
);

Deno.test("3.1 F60 a getter of an option is read once; what it throws comes out as it is", () => {
  for (const [path, { good }] of Object.entries(POOL_OPTIONS)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let reads = 0;
    const options = Object.defineProperty({ ...BESIDE[path] }, last, {
      enumerable: true,
      get: () => {
        reads++;
        return good;
      },
    });
    if (names.length === 0) resolveConfig(options);
    else resolveOption(names.join("."), options);
    assertEquals(reads, 1, path);
    const thrown = new Error("it cannot be read");
    const broken = Object.defineProperty({ ...BESIDE[path] }, last, {
      enumerable: true,
      get: () => {
        throw thrown;
      },
    });
    try {
      if (names.length === 0) resolveConfig(broken);
      else resolveOption(names.join("."), broken);
      throw new Error(`${path} is not read`);
    } catch (error) {
      assertStrictEquals(error, thrown, path);
    }
  }
});

Deno.test("3.1 F60 options that are not own, or have a symbol for a name, are none", () => {
  for (const [path, { good, judge }] of Object.entries(POOL_OPTIONS)) {
    // Without what is to be beside it, an option is missed.
    if (BESIDE[path] !== undefined) continue;
    const names = path.split(".");
    const last = names.pop() ?? "";
    // A symbol is right for no option of the table.
    const wrong = Symbol("wrong");
    assert(judge(wrong) !== "taken");
    const inherited = Object.create({ [last]: wrong, [Symbol("x")]: wrong });
    const hidden = Object.defineProperty({ [Symbol("x")]: wrong }, last, {
      value: wrong,
      enumerable: false,
    });
    for (const options of [inherited, hidden]) {
      if (names.length === 0) resolveConfig(options);
      else resolveOption(names.join("."), options);
    }
    resolveOption(path, good);
  }
});
