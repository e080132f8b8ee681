import { assert, assertEquals } from "@std/assert";
import type { ConnectionPool, ConnectionPoolConfig } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { EVENT_TYPES } from "../../support/event_types.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** Each stands for something that must be seen nowhere. */
const CANARIES = {
  user: "canary-user",
  password: "canary-password",
  query: "canary-query",
  header: "canary-header",
  protocol: "canary-protocol",
  identity: "canary-identity",
  received: "canary-received",
  sent: "canary-sent",
};

const SECRET_URL =
  `wss://${CANARIES.user}:${CANARIES.password}@h.example/a?token=${CANARIES.query}`;

/** Every way in which something may be shown. */
function showAll(thing: unknown): string {
  const shown = [Deno.inspect(thing, { depth: 10, showHidden: true })];
  if (thing instanceof Error) {
    shown.push(thing.message, thing.stack ?? "", String(thing));
    shown.push(...Object.values(thing).map((value) => Deno.inspect(value)));
    if (thing.cause !== undefined) shown.push(showAll(thing.cause));
  }
  if (thing instanceof Event) {
    for (const value of Object.values(thing)) {
      shown.push(value instanceof Error ? showAll(value) : String(value));
    }
  }
  if (typeof thing === "string") shown.push(thing);
  try {
    shown.push(JSON.stringify(thing) ?? "");
  } catch {
    // What cannot be written as JSON is not shown as JSON.
  }
  return shown.join("\n");
}

function assertNoCanary(things: readonly unknown[]): void {
  for (const thing of things) {
    const text = showAll(thing);
    for (const canary of Object.values(CANARIES)) {
      const at = text.indexOf(canary);
      assert(at < 0, `${canary} in …${text.slice(Math.max(0, at - 200), at)}`);
    }
  }
}

/** Keeps all that a pool shows: events and log lines. */
function createWitness() {
  const seen: unknown[] = [];
  const note = (line: string) => void seen.push(line);
  return {
    seen,
    logger: { debug: note, info: note, warn: note, error: note },
    watch(pool: ConnectionPool) {
      for (const type of EVENT_TYPES) {
        pool.addEventListener(type, (event) => void seen.push(event));
      }
    },
  };
}

/** Calls, and gives what was thrown or rejected with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error(`it did not fail: ${call}`);
}

const TARGET = {
  protocols: [CANARIES.protocol],
  identity: CANARIES.identity,
};

const SECRETS: ConnectionPoolConfig = {
  websocket: { headers: { "x-api-key": CANARIES.header } },
};

Deno.test("4.10 F85 nothing secret is shown through the life of a connection", async () => {
  for (const runtime of RUNTIMES) {
    const witness = createWitness();
    await using virtual = createVirtualPool({
      ...SECRETS,
      logger: witness.logger,
      maxConnections: 1,
      leakThreshold: 1_000,
      healthCheckInterval: 2_000,
    }, { runtime });
    const { pool, clock, network } = virtual;
    witness.watch(pool);
    const conn = await pool.acquire(SECRET_URL, TARGET);
    // The secrets did get where they belong.
    const [dial] = network.dials;
    assertEquals(dial?.protocols, [CANARIES.protocol]);
    assert(dial?.url.includes(CANARIES.query));
    witness.seen.push(pool, conn, pool.stats(), conn.stats(), conn.url);
    witness.seen.push(conn.signal, pool.stats().byKey);
    witness.seen.push(
      await failureOf(() => pool.acquire(SECRET_URL, { timeout: 0 })),
    );
    await conn.send({ text: CANARIES.sent });
    network.last.message(`no json ${CANARIES.received}`);
    witness.seen.push(await failureOf(() => conn.receive()));
    network.last.message(CANARIES.received);
    await clock.advance(1_500);
    const { signal } = conn;
    await conn.release();
    witness.seen.push(conn, signal.reason);
    witness.seen.push(await failureOf(() => conn.send(CANARIES.sent)));
    network.last.message(CANARIES.received);
    await clock.advance(3_000);
    const last = await pool.acquire(SECRET_URL, TARGET);
    network.last.reset();
    witness.seen.push(last, await failureOf(() => last.receive()));
    witness.seen.push(
      await failureOf(() => last.send({ text: CANARIES.sent })),
    );
    await last.release();
    await pool.close();
    witness.seen.push(await failureOf(() => pool.acquire(SECRET_URL, TARGET)));
    witness.seen.push(pool, pool.stats());
    assert(witness.seen.length > 25);
    assertNoCanary(witness.seen);
  }
});

Deno.test("4.10 F85 nothing secret is shown of a dial that fails, whatever the runtime's events say", async () => {
  for (const runtime of RUNTIMES) {
    const witness = createWitness();
    await using virtual = createVirtualPool({
      ...SECRETS,
      logger: witness.logger,
      acquireTimeout: 3_000,
    }, { runtime });
    const { pool, clock, network } = virtual;
    witness.watch(pool);
    network.behaviour = "refuse";
    witness.seen.push(await failureOf(() => pool.acquire(SECRET_URL, TARGET)));
    network.behaviour = (socket) => {
      throw new SyntaxError(`${socket.url} ${CANARIES.password}`);
    };
    const thrown = observe(pool.acquire(SECRET_URL, TARGET));
    await clock.advance(3_000);
    witness.seen.push(thrown.reason);
    network.behaviour = (socket) => queueMicrotask(() => socket.open(""));
    const unagreed = observe(pool.acquire(SECRET_URL, TARGET));
    await clock.advance(3_000);
    witness.seen.push(unagreed.reason);
    network.behaviour = "hang";
    const hanging = observe(pool.acquire(SECRET_URL, TARGET));
    await clock.advance(3_000);
    witness.seen.push(hanging.reason, pool.stats(), pool);
    assert(witness.seen.length > 8);
    assertNoCanary(witness.seen);
  }
});

Deno.test("4.10 nothing secret is shown of a mistake in the arguments", async () => {
  await using virtual = createVirtualPool(SECRETS);
  const { pool } = virtual;
  const wrong = JSON.parse(`["${CANARIES.identity}"]`);
  const failures = [
    await failureOf(() => pool.acquire(`${SECRET_URL}#part`)),
    await failureOf(() => pool.acquire(`ftp://${CANARIES.user}@h.example`)),
    await failureOf(() => pool.acquire(`//h.example/${CANARIES.query}`)),
    await failureOf(() => pool.acquire(`/../${CANARIES.query}`)),
    await failureOf(() => pool.acquire(`wss://${CANARIES.user}:x@`)),
    await failureOf(() =>
      pool.acquire("/a", { protocols: [`${CANARIES.protocol} no token`] })
    ),
    await failureOf(() => pool.acquire("/a", { identity: wrong })),
    await failureOf(() =>
      createVirtualPool({
        websocket: { headers: { "x-key": `${CANARIES.header}\r\nx: y` } },
      })
    ),
    await failureOf(() => createVirtualPool({ baseUrl: `${SECRET_URL}#part` })),
  ];
  assertNoCanary(failures);
});

Deno.test("4.10 a close reason of the peer is a field of the error, not of its text, events or logs", async () => {
  const witness = createWitness();
  await using virtual = createVirtualPool({ logger: witness.logger });
  const { pool, network } = virtual;
  witness.watch(pool);
  const conn = await pool.acquire("/a");
  network.last.peerClose(4_000, CANARIES.received);
  const error = await failureOf(() => conn.receive());
  assert(error instanceof Error && !error.message.includes(CANARIES.received));
  await conn.release();
  assertNoCanary(witness.seen);
});

Deno.test("4.10 redactUrl has the last word on what is shown", async () => {
  const witness = createWitness();
  await using virtual = createVirtualPool({
    logger: witness.logger,
    redactUrl: (url) => `${url.origin}/<key>`,
  });
  const { pool } = virtual;
  witness.watch(pool);
  const conn = await pool.acquire(`/v1/${CANARIES.query}/stream`);
  assertEquals(conn.url, "wss://h.example/<key>");
  witness.seen.push(conn, pool.stats());
  await conn.release();
  assertNoCanary(witness.seen);
});

Deno.test("4.10 4.11 userinfo becomes an Authorization header, and belongs to the key", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  await (await pool.acquire("wss://one:a@h.example/a")).release();
  const other = await pool.acquire("wss://two:b@h.example/a");
  assertEquals(other.reused, false);
  assertEquals(
    network.dials.map(({ url, headers }) => [
      url,
      headers?.get("authorization"),
    ]),
    [
      ["wss://h.example/a", `Basic ${btoa("one:a")}`],
      ["wss://h.example/a", `Basic ${btoa("two:b")}`],
    ],
  );
});

Deno.test("4.10 static headers go to the origin of baseUrl alone", async () => {
  await using virtual = createVirtualPool(SECRETS);
  const { pool, network } = virtual;
  await pool.acquire("/a");
  await pool.acquire("wss://elsewhere.example/a");
  assertEquals(
    network.dials.map(({ headers }) => headers?.get("x-api-key") ?? null),
    [CANARIES.header, null],
  );
});
