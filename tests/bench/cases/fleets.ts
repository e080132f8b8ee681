import type { Case, Surroundings, Workload } from "../case.ts";
import type { TextConnection } from "../contestants/pools.ts";
import { AwaitedSocket, closeRaw, openRaw } from "../contestants/raw.ts";
import { collect, heapUsed } from "../heap.ts";

const CONNECTIONS = 5_000;
/** Handshakes at once. */
const CONNECTING = 10;
/**
 * Rounds of a life before those that count. JavaScriptCore spends a second of
 * compiling on the first 15,000 connections of a process, which is a quarter of
 * their time where client and server have two cores together.
 */
const WARM_UP = 4;
const PATH = "/echo";
const MESSAGE = "x".repeat(100);

/** Opens as many as asked, a few at once. */
async function openAll<Opened>(
  count: number,
  open: () => Promise<Opened>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      begun++;
      opened.push(await open());
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, work));
  return opened;
}

function createPool({ library: { ConnectionPool } }: Surroundings) {
  return new ConnectionPool<string, string>({
    maxConnections: CONNECTIONS,
    maxConnecting: CONNECTING,
    acquireTimeout: Infinity,
    websocket: { codec: "text" },
  });
}

const rawHeap: Workload = async ({ meter, server }) => {
  const size = meter.size(CONNECTIONS);
  await closeRaw(await openRaw(server + PATH));
  await collect();
  const before = heapUsed();
  const sockets = await openAll(size, async () => {
    const socket = await openRaw(server + PATH);
    socket.onopen = null;
    return socket;
  });
  await collect();
  const used = heapUsed() - before;
  await Promise.all(sockets.map(closeRaw));
  return [used / size];
};

const pooledHeap: Workload = async (given) => {
  const { meter, server } = given;
  const size = meter.size(CONNECTIONS);
  await using pool = createPool(given);
  const url = server + PATH;
  // What the first connection costs is not a matter of each.
  await (await pool.acquire(url)).discard();
  await collect();
  const before = heapUsed();
  let leases = await openAll(size, () => pool.acquire(url));
  for (const lease of leases) lease.release();
  leases = [];
  await collect();
  const used = heapUsed() - before;
  const { idleConnections } = pool.stats();
  if (idleConnections !== size) throw new Error(`${idleConnections} idle`);
  return [used / size];
};

const rawLife: Workload = ({ meter, server }) => {
  const size = meter.size(CONNECTIONS);
  return meter.time(
    async (count) => {
      for (let round = 0; round < count; round++) {
        const sockets = await openAll(size, async () => {
          const client = new AwaitedSocket(await openRaw(server + PATH));
          check(await client.request(MESSAGE));
          return client.socket;
        });
        await Promise.all(sockets.map(closeRaw));
      }
    },
    size,
    WARM_UP,
  );
};

const pooledLife: Workload = (given) => {
  const { meter, server } = given;
  const size = meter.size(CONNECTIONS);
  return meter.time(
    async (count) => {
      for (let round = 0; round < count; round++) {
        const pool = createPool(given);
        const leases: TextConnection[] = await openAll(size, async () => {
          const conn = await pool.acquire(server + PATH);
          await conn.send(MESSAGE);
          check(await conn.receive());
          return conn;
        });
        for (const lease of leases) lease.release();
        const { abandoned } = await pool.close();
        if (abandoned > 0) throw new Error(`${abandoned} abandoned`);
      }
    },
    size,
    WARM_UP,
  );
};

function check(reply: unknown): void {
  if (reply !== MESSAGE) throw new Error("Not what was sent");
}

export const fleetCases: readonly Case[] = [
  {
    name: "heap",
    title: "heap for each of 5,000 idle connections, bytes",
    unit: "bytes",
    needs: "server and heap",
    reference: "socket",
    contestants: { socket: rawHeap, pool: pooledHeap },
    goals: [{
      kind: "surplus",
      of: "pool",
      against: "socket",
      most: { deno: 1_800, node: 1_400, bun: 800 },
    }],
  },
  {
    name: "life",
    title: "5,000 connections opened, used once each, closed; for each",
    unit: "ns",
    needs: "server",
    isUnsteady: true,
    reference: "socket",
    contestants: { socket: rawLife, pool: pooledLife },
    goals: [{ kind: "cost", of: "pool", against: "socket", most: 1.15 }],
  },
];
