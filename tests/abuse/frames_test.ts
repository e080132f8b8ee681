/**
 * What a hostile peer may send, under every codec and way of reading.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { InvalidMessageError, type PooledConnection } from "@jetsocket/pool";
import fc from "fast-check";
import { createVirtualPool, observe } from "../support/virtual_pool.ts";
import { runs, seeded } from "./runs.ts";

type Frame = string | Uint8Array<ArrayBuffer>;

const CANARY = "canary";

const texts = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "null",
    "1e999",
    "-0",
    "[",
    '{"a":',
    "\ud800",
    '"\ud800"',
    '"\\ud800"',
  ),
  fc.constantFrom(
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"then":1}',
    '{"toJSON":1}',
  ),
  fc.constantFrom(
    "[".repeat(5_000),
    "[".repeat(300) + "]".repeat(300),
    "9".repeat(5_000),
    '"' + "x".repeat(70_000) + '"',
  ),
  fc.constantFrom(CANARY, `{"${CANARY}":`, `["${CANARY}",]`),
);

const frames: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 3, arbitrary: texts },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) =>
      new Uint8Array(bytes)
    ),
  },
  {
    weight: 1,
    arbitrary: texts.map((text) => new TextEncoder().encode(text)),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      new Uint8Array([...new TextEncoder().encode(CANARY), 0xff]),
    ),
  },
);

/** What a message should be, in other words than the library's; `undefined` for an invalid one. */
function expectedOf(frame: Frame, codec: "json" | "text" | "raw"): unknown {
  if (codec === "raw") {
    return { value: typeof frame === "string" ? frame : frame.buffer };
  }
  try {
    const text = typeof frame === "string"
      ? frame
      : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        frame,
      );
    return { value: codec === "json" ? JSON.parse(text) : text };
  } catch {
    return undefined;
  }
}

/** Reads until nothing is left. @returns Values, and errors in their places */
async function readAll(
  conn: PooledConnection,
  way: "receive" | "iterate" | "forEach",
  count: number,
): Promise<unknown[]> {
  const results: unknown[] = [];
  while (results.length < count) {
    try {
      if (way === "receive") {
        results.push({ value: await conn.receive({ timeout: 10 }) });
      } else if (way === "iterate") {
        for await (const value of conn) {
          if (results.push({ value }) === count) break;
        }
      } else {
        const abort = new AbortController();
        const all = conn.forEach((value) => {
          if (results.push({ value }) === count) abort.abort("all are read");
        }, { signal: abort.signal });
        await all;
      }
    } catch (error) {
      if (error === "all are read") break;
      results.push(error);
    }
  }
  return results;
}

Deno.test(
  seeded(
    "F55 F65 F87 any frame is a message or an InvalidMessageError without its content, and the lease lives",
  ),
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(frames, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("json" as const, "text", "raw"),
        fc.constantFrom("receive" as const, "iterate", "forEach"),
        fc.constantFrom("throw" as const, "skip"),
        async (sent, codec, way, onInvalid) => {
          await using virtual = createVirtualPool({
            websocket: { codec, onInvalid },
          });
          const conn = await virtual.pool.acquire("/a");
          const expected = sent.map((frame) => expectedOf(frame, codec));
          const valid = expected.filter((each) => each !== undefined);
          const count = onInvalid === "skip" ? valid.length : sent.length;
          for (const frame of sent) virtual.network.last.message(frame);
          const results = await readAll(conn, way, count);
          let index = 0;
          for (const result of results) {
            while (onInvalid === "skip" && expected[index] === undefined) {
              index++;
            }
            const wanted = expected[index];
            const frame = sent[index++];
            if (wanted !== undefined) assertEquals(result, wanted);
            else {
              assert(result instanceof InvalidMessageError, `${result}`);
              assertEquals(result.size, frame?.length);
              const shown = Deno.inspect(result, {
                depth: 9,
                showHidden: true,
              });
              assert(!shown.includes(CANARY), shown);
            }
          }
          assertEquals(Reflect.get({}, "polluted"), undefined);
          const { messagesReceived, messagesDropped } = conn.stats();
          assertEquals(messagesReceived, sent.length);
          if (onInvalid === "throw") assertEquals(messagesDropped, 0);
          // The next message comes as if nothing had been.
          const next = observe(conn.receive());
          virtual.network.last.message("1");
          await virtual.clock.settle();
          assertEquals(next.value, codec === "json" ? 1 : "1");
          await conn.release();
          assertEquals(virtual.pool.stats().idleConnections, 1);
        },
      ),
      runs(100, 5_000),
    );
  },
);

Deno.test("F61 F62 F89 a flood of tiny frames is counted to the last, leased or idle", async () => {
  const total = Deno.env.get("DEEP") ? 1_000_000 : 20_000;
  await using virtual = createVirtualPool({
    websocket: { inbox: { capacity: 100, overflow: "drop-oldest" } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  let read = 0;
  const flow = observe(conn.forEach(() => void read++));
  for (let count = 0; count < total; count++) network.last.message("1");
  assertEquals(read, total);
  await conn.release();
  await clock.settle();
  assertEquals(flow.state, "fulfilled");
  // Idle: none is kept.
  for (let count = 0; count < total; count++) network.last.message("1");
  const next = await pool.acquire("/a");
  // Nobody reads: no more than the inbox holds, once the turn is over.
  for (let count = 0; count < 500; count++) network.last.message(`${count}`);
  await clock.advance(1);
  assertEquals(await next.receive(), 400);
  await next.release();
  const { totalMessagesReceived, totalMessagesDropped } = pool.stats();
  assertEquals(totalMessagesReceived, 2 * total + 500);
  assertEquals(totalMessagesDropped, total + 499);
});
