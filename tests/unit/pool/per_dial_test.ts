import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
} from "@std/assert";
import { ConnectError, type DialContext } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];
const never = () => new Promise<never>(() => {});

Deno.test("3.1 resolveUrl and headers are asked again for each dial, reconnects included, one call per dial", async () => {
  const asked: string[] = [];
  let token = 0;
  await using virtual = createVirtualPool({
    websocket: {
      identity: "alice",
      protocols: ["v2", "v1"],
      reconnect: { jitter: 0 },
      resolveUrl: async ({ url, identity, protocols, attempt }) => {
        asked.push(`url ${identity} ${protocols} ${attempt}`);
        await undefined;
        return `${url}?token=${++token}`;
      },
      headers: ({ attempt }) => {
        asked.push(`headers ${attempt}`);
        return { authorization: `Bearer ${token}` };
      },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.behaviour = "refuse";
  network.last.reset();
  await clock.advance(1_000);
  network.behaviour = "open";
  await clock.advance(2_000);
  assertEquals(conn.isConnected, true);
  assertEquals(asked, [
    "url alice v2,v1 1",
    "headers 1",
    "url alice v2,v1 1",
    "headers 1",
    "url alice v2,v1 2",
    "headers 2",
  ]);
  assertEquals(network.dials.map(({ url }) => url), [
    "wss://h.example/a?token=1",
    "wss://h.example/a?token=2",
    "wss://h.example/a?token=3",
  ]);
  assertEquals(
    network.dials.map(({ headers }) => headers?.get("authorization")),
    ["Bearer 1", "Bearer 2", "Bearer 3"],
  );
  // The fresh address is neither the key nor shown.
  assertEquals(conn.url, "wss://h.example/a");
  await conn.release();
  assertEquals((await pool.acquire("/a")).id, 1);
});

Deno.test("F15 an address or headers that throw, reject, hang or are nonsense are a failed attempt, backed off, with phase resolve", async () => {
  const failures: [name: string, fail: () => unknown][] = [
    ["throws", () => {
      throw new Error("no token");
    }],
    ["rejects", () => Promise.reject(new Error("no token"))],
    ["hangs", never],
    ["nonsense", () => 42],
    ["unusable", () => "ftp://h.example/?token=SECRET"],
    ["fragment", () => "wss://h.example/#SECRET"],
  ];
  for (const runtime of RUNTIMES) {
    for (const [name, fail] of failures) {
      for (const option of ["resolveUrl", "headers"] as const) {
        if (option === "headers" && name !== "throws" && name !== "rejects") {
          if (name !== "hangs") continue;
        }
        await using virtual = createVirtualPool({
          maxConnections: 1,
          websocket: {
            connectTimeout: 2_000,
            ...Object.fromEntries([[option, fail]]),
          },
        }, { runtime });
        const { pool, clock, network } = virtual;
        const acquired = observe(pool.acquire("/a"));
        await clock.advance(name === "hangs" ? 2_000 : 0);
        const { reason } = acquired;
        assertInstanceOf(reason, ConnectError, `${option} ${name}`);
        assertEquals(
          [reason.phase, reason.timedOut, reason.fatal, reason.closeCode],
          ["resolve", name === "hangs", false, undefined],
        );
        assertEquals(Deno.inspect(reason).includes("SECRET"), false);
        assertEquals(network.dials.length, 0);
        assertEquals(pool.stats().connectingConnections, 0);
        assertEquals(pool.stats().closingConnections, 0);
      }
    }
  }
});

Deno.test("F86 line breaks in a header of a dial or in a subprotocol are refused, without a word of them", async () => {
  const secret = "s3cret\r\nX-Injected: 1";
  for (const name of ["authorization", "x-a\r\ns3cret"]) {
    const value = name === "authorization" ? secret : "1";
    await using virtual = createVirtualPool({
      websocket: { headers: () => ({ [name]: value }) },
    });
    const { pool, clock, network } = virtual;
    const acquired = observe(pool.acquire("/a"));
    await clock.settle();
    const { reason } = acquired;
    assertInstanceOf(reason, ConnectError);
    assertEquals([reason.phase, network.dials.length], ["resolve", 0]);
    const shown = Deno.inspect(reason, { depth: 10 });
    assertEquals(/s3cret|Injected/.test(shown), false, shown);
  }
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  const acquired = observe(pool.acquire("/a", { protocols: ["v1", secret] }));
  await clock.settle();
  assertInstanceOf(acquired.reason, TypeError);
  const shown = Deno.inspect(acquired.reason, { depth: 10 });
  assertEquals(/s3cret|Injected/.test(shown), false, shown);
  assertEquals(network.dials.length, 0);
});

Deno.test("F15 with reconnect, an address that fails for a while is asked again after the backoff", async () => {
  const times: number[] = [];
  let isDown = true;
  await using virtual = createVirtualPool({
    acquireTimeout: 60_000,
    websocket: {
      reconnect: { jitter: 0 },
      resolveUrl: ({ url }) => {
        times.push(virtual.clock.time);
        if (isDown) throw new Error("no token");
        return url;
      },
    },
  });
  const { pool, clock } = virtual;
  const start = clock.time;
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(4_000);
  isDown = false;
  await clock.advance(4_000);
  assertEquals(acquired.state, "fulfilled");
  assertEquals(times.map((at) => at - start), [0, 1_000, 3_000, 7_000]);
});

Deno.test("3.1 the context's signal aborts with the dial's time; what a late answer would lead to does not happen", async () => {
  const contexts: DialContext[] = [];
  const late = Promise.withResolvers<string>();
  let asked = 0;
  await using virtual = createVirtualPool({
    websocket: {
      connectTimeout: 1_000,
      resolveUrl: (context) => {
        contexts.push(context);
        return late.promise;
      },
      headers: () => {
        asked++;
        return {};
      },
    },
  });
  const { pool, clock, network } = virtual;
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(999);
  assertEquals(contexts[0]?.signal.aborted, false);
  await clock.advance(1);
  assertEquals([contexts[0]?.signal.aborted, acquired.state], [
    true,
    "rejected",
  ]);
  late.resolve("wss://h.example/late");
  await clock.settle();
  assertEquals([asked, network.dials.length], [0, 0]);
});

Deno.test("3.1 identity and protocols are part of the key, of the pool and of the acquire", async () => {
  const identities: string[] = [];
  await using virtual = createVirtualPool({
    websocket: {
      identity: "default",
      headers: ({ identity }) => {
        identities.push(identity);
        return { "x-identity": identity };
      },
    },
  });
  const { pool, network } = virtual;
  const ids = new Map<string, number>();
  const choices = [
    {},
    { identity: "alice" },
    { identity: "bob" },
    { protocols: "v1" },
    { protocols: ["v1", "v2"] },
    { protocols: ["v2", "v1"] },
    { identity: "alice", protocols: "v1" },
  ];
  for (const choice of choices) {
    const conn = await pool.acquire("/a", choice);
    ids.set(JSON.stringify(choice), conn.id);
    await conn.release();
  }
  assertEquals(new Set(ids.values()).size, choices.length);
  for (const choice of choices) {
    assertEquals(
      pool.tryAcquire("/a", choice)?.id,
      ids.get(JSON.stringify(choice)),
    );
  }
  assertEquals(
    network.dials.map(({ headers }) => headers?.get("x-identity")),
    identities,
  );
  assertEquals(identities.slice(0, 3), ["default", "alice", "bob"]);
  assertNotEquals(
    network.dials[4]?.protocols,
    network.dials[5]?.protocols,
  );
});

Deno.test("3.1 single flight: many waiters of one key do not ask for more addresses than there are dials", async () => {
  let asked = 0;
  await using virtual = createVirtualPool({
    maxConnections: 2,
    websocket: {
      resolveUrl: ({ url }) => {
        asked++;
        return url;
      },
    },
  });
  const { pool, clock, network } = virtual;
  const uses = Array.from(
    { length: 20 },
    () => observe(pool.use("/a", async () => await undefined)),
  );
  await clock.settle();
  assert(uses.every(({ state }) => state === "fulfilled"));
  assertEquals(asked, network.dials.length);
  assert(asked <= 2);
});

Deno.test("4.5 a resolve failure of a redial is judged by itself, not by how the old socket ended", async () => {
  let isDown = false;
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: { jitter: 0 },
      classify: ({ phase, closeCode }) =>
        phase !== "lost" && closeCode === 4401 ? "fatal" : "retry",
      resolveUrl: ({ url }) => {
        if (isDown) throw new Error("no token");
        return url;
      },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  isDown = true;
  network.last.peerClose(4401);
  await clock.advance(1_000);
  assertEquals(conn.signal.aborted, false);
  isDown = false;
  await clock.advance(2_000);
  assertEquals(conn.isConnected, true);
});
