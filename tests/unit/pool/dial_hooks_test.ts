import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectError } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];
const never = () => new Promise<never>(() => {});

Deno.test("3.1 connectTimeout bounds address, headers, handshake and onOpen together", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      connectTimeout: 1_000,
      resolveUrl: ({ url }) =>
        new Promise((resolve) =>
          virtual.clock.setTimer(() => resolve(url), 600)
        ),
      onOpen: never,
    },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    clock.setTimer(() => socket.open(), 300);
  };
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(999);
  assertEquals(acquired.state, "pending");
  await clock.advance(1);
  assertInstanceOf(acquired.reason, ConnectError);
  assertEquals([acquired.reason.phase, acquired.reason.timedOut], [
    "open-hook",
    true,
  ]);
  assertEquals(network.live, 0);
});

Deno.test("4.9 a hook that throws or hangs: ConnectError phase open-hook within connectTimeout, the socket closed", async () => {
  const hooks: [string, () => void | Promise<void>][] = [
    ["throws", () => {
      throw new Error("login refused");
    }],
    ["rejects", () => Promise.reject(new Error("login refused"))],
    ["hangs", never],
  ];
  for (const runtime of RUNTIMES) {
    for (const [name, onOpen] of hooks) {
      await using virtual = createVirtualPool({
        websocket: { onOpen, connectTimeout: 3_000 },
      }, { runtime });
      const { pool, clock, network } = virtual;
      const acquired = observe(pool.acquire("/a"));
      await clock.advance(name === "hangs" ? 2_999 : 0);
      assertEquals(acquired.state === "rejected", name !== "hangs");
      await clock.advance(1);
      assertInstanceOf(acquired.reason, ConnectError);
      assertEquals([acquired.reason.phase, acquired.reason.timedOut], [
        "open-hook",
        name === "hangs",
      ]);
      assertEquals([network.last.ended, network.last.closeCalls.length], [
        true,
        1,
      ]);
      assertEquals(network.last.listenerCount(), 0);
    }
  }
});

Deno.test("4.9 onReconnect that throws or hangs is a failed redial, tried again", async () => {
  for (const name of ["throws", "hangs"]) {
    let isBad = true;
    await using virtual = createVirtualPool({
      websocket: { reconnect: { jitter: 0 }, connectTimeout: 500 },
    });
    const { pool, clock, network } = virtual;
    const errors: unknown[] = [];
    pool.addEventListener("connectfailed", ({ reason }) => {
      errors.push(reason);
    });
    const conn = await pool.acquire("/a", {
      onReconnect: () => {
        if (!isBad) return;
        if (name === "hangs") return never();
        throw new Error("no such channel");
      },
    });
    network.last.reset();
    await clock.advance(1_500);
    assertEquals([conn.isConnected, errors], [false, ["open-hook"]]);
    assertEquals(network.live, 0);
    isBad = false;
    await clock.advance(2_000);
    assertEquals(conn.isConnected, true);
  }
});

Deno.test("4.4 4.5 what the hooks of a failed redial left unread never reaches the lease", async () => {
  let dials = 0;
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: { minDelay: 100, jitter: 0 },
      onOpen: () => {
        dials++;
        virtual.network.last.message(`"greeting ${dials}"`);
        if (dials === 2) throw new Error("refused");
      },
    },
  });
  const { pool, clock, network } = virtual;
  await using conn = await pool.acquire("/a");
  assertEquals(await conn.receive(), "greeting 1");
  const gaps: string[] = [];
  pool.addEventListener("gap", ({ reason }) => void gaps.push(reason));
  network.last.reset();
  await clock.advance(1_000);
  assertEquals(dials, 3);
  assertEquals(await conn.receive(), "greeting 3");
  assertEquals(gaps, ["unread"]);
});
