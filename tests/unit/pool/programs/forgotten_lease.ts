/**
 * Leases connections, forgets some of the handles and has the garbage
 * collected; run with `--v8-flags=--expose-gc` by `forgotten_lease_test.ts`.
 */
import { ConnectionPool } from "../../../../mod.ts";
import { FakeNetwork } from "../../../support/fake_network.ts";

const LONGEST_WAIT = 30_000;

/** What `--expose-gc` adds. */
declare const gc: () => void;

const network = new FakeNetwork();
const pool = new ConnectionPool({
  baseUrl: "wss://h.example",
  // The shortest tick: handles are registered by it.
  maxIdleTime: 100,
  leakThreshold: 600_000,
  websocket: { factory: network.factory },
});
const leaks: unknown[] = [];
const { promise: allSeen, resolve } = Promise.withResolvers<void>();
pool.addEventListener("leak", ({ reason, connectionId, url, stack }) => {
  const hasStack = stack?.includes("forget") ?? false;
  leaks.push({ reason, connectionId, url, hasStack });
  resolve();
});

async function forget(): Promise<void> {
  await pool.acquire("/forgotten");
}

/** A lease that lasts for several ticks and is given back. */
async function passOn(): Promise<void> {
  const first = await pool.acquire("/passed");
  await new Promise((wake) => setTimeout(wake, 100));
  await first.release();
}

await passOn();
// Its first handle is collected while this one holds the connection.
const passed = await pool.acquire("/passed");
const kept = await pool.acquire("/kept");
// Nothing but the pending read holds on to this one.
const read = (await pool.acquire("/read")).receive();
const flow = (await pool.acquire("/flow")).forEach(() => {});
const released = await pool.acquire("/released");
await released.release();
// The last that had to wait: nothing that waiting takes may hold on to it.
await forget();

const collecting = setInterval(gc, 20);
const limit = setTimeout(resolve, LONGEST_WAIT);
await allSeen;
// Time for wrong notices to come.
for (let round = 0; round < 10; round++) {
  await new Promise((wake) => setTimeout(wake, 20));
}
clearInterval(collecting);
clearTimeout(limit);

const { activeConnections, retired } = pool.stats();
const closed = network.socketsTo("/forgotten")[0]?.closeCalls.length;
console.log(JSON.stringify({
  leaks,
  activeConnections,
  discarded: retired.discarded,
  closed,
  isKept: kept.isConnected,
  isPassed: passed.isConnected && passed.reused,
}));
await kept.release();
await passed.release();
await pool.close();
await Promise.allSettled([read, flow]);
