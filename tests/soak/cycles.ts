import { ConnectionPool } from "../../mod.ts";
import { ENVIRONMENT } from "../../src/io/clock.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { CountingClock } from "./counting_clock.ts";
import { CountingSockets } from "./counting_sockets.ts";
import { Findings, growth, pause, readMeter, until } from "./meter.ts";
import { lease, share } from "./rounds.ts";
import type { ServerProcess } from "./server_process.ts";

/** Connections at most; the workers are twice as many, so that half of them wait. */
const LIMIT = 10;
const WORKERS = 20;

/** Timers and sockets have their turn after so many cycles on fake sockets, which need none. */
const BREATH = 500;

/** Scripted sockets whose server answers everything, and keeps nothing. */
class FakeSockets {
  open = 0;
  maxOpen = 0;
  total = 0;
  /** Listeners that were left on sockets when these had closed. */
  left = 0;

  readonly factory = (
    url: string,
    { protocols }: { protocols: string[] },
  ): FakeSocket => {
    const socket: FakeSocket = new FakeSocket(url, {
      protocols,
      onEnd: () => {
        this.open--;
        queueMicrotask(() => this.left += socket.listenerCount());
      },
    });
    this.total++;
    this.maxOpen = Math.max(this.maxOpen, ++this.open);
    queueMicrotask(() => socket.open());
    return socket;
  };
}

interface Sockets {
  readonly factory: FakeSockets["factory"] | CountingSockets["factory"];
  readonly open: number;
  readonly total: number;
  readonly left: number;
}

/** Acquire and release on fake sockets. @returns What was measured, in words */
export async function soakFakeSockets(
  cycles: number,
  random: () => number,
): Promise<string> {
  const sockets = new FakeSockets();
  const findings = new Findings();
  let round = 0;
  const said = await soakCycles(cycles, sockets, findings, async (pool) => {
    const path = `wss://h.example/ws/${Math.floor(random() * 3)}`;
    await lease(pool, path, random(), () => {});
    if (++round % BREATH === 0) await pause(0);
  });
  findings.expect(
    sockets.maxOpen <= LIMIT,
    `${sockets.maxOpen} sockets at once, ${LIMIT} were allowed`,
  );
  findings.conclude();
  return `${said}, at most ${sockets.maxOpen} sockets at once`;
}

/** The same on real sockets: every tenth lease has an answer from the server. */
export async function soakRealSockets(
  cycles: number,
  random: () => number,
  server: ServerProcess,
): Promise<string> {
  const sockets = new CountingSockets();
  const findings = new Findings();
  const said = await soakCycles(cycles, sockets, findings, async (pool) => {
    const url = server.url(`/${Math.floor(random() * 3)}`);
    const asks = random() < 0.1;
    await lease(pool, url, random(), async (conn) => {
      if (!asks) return;
      await conn.send({ sync: 1 });
      await conn.receive();
    });
  });
  await until(
    "the server's sockets are closed",
    async () => (await server.tell({ kind: "count" })).open === 0,
  );
  const { maxHeld } = await server.tell({ kind: "sum-up" });
  findings.expect(
    maxHeld <= LIMIT,
    `the server had ${maxHeld} sockets at once, ${LIMIT} were allowed`,
  );
  findings.conclude();
  return `${said}, the server counted ${maxHeld} at once`;
}

/** Between the first tenth and the end nothing may have grown. */
async function soakCycles(
  cycles: number,
  sockets: Sockets,
  findings: Findings,
  cycle: (pool: ConnectionPool) => Promise<void>,
): Promise<string> {
  const clock = new CountingClock();
  const config = {
    maxConnections: LIMIT,
    maxConnecting: LIMIT,
    acquireTimeout: 60_000,
    websocket: { factory: sockets.factory },
    [ENVIRONMENT]: { clock, random: Math.random },
  };
  const began = performance.now();
  await using pool = new ConnectionPool(config);
  const rest = async () => {
    pool.clear();
    await until("nothing is open", () => {
      const stats = pool.stats();
      return stats.idleConnections + stats.closingConnections === 0 &&
        sockets.open === 0;
    });
    return await readMeter();
  };
  const first = Math.ceil(cycles / 10);
  await share(WORKERS, first, () => cycle(pool));
  const before = await rest();
  await share(WORKERS, cycles - first, () => cycle(pool));
  const after = await rest();
  findings.expectFlat(before, after);

  const stats = pool.stats();
  findings.expect(
    stats.totalAcquired === cycles && stats.totalReleased === cycles,
    `${stats.totalAcquired} acquired, ${stats.totalReleased} released`,
  );
  const retired = Object.values(stats.retired).reduce((sum, n) => sum + n);
  findings.expect(
    stats.totalConnections === retired,
    `${stats.totalConnections} connections, ${retired} retired`,
  );
  await pool.close();
  findings.expect(clock.timers === 0, `${clock.timers} timers are left`);
  findings.expect(sockets.left === 0, `${sockets.left} listeners are left`);
  const seconds = (performance.now() - began) / 1_000;
  return `${cycles} cycles in ${seconds.toFixed(1)} s over ` +
    `${sockets.total} sockets; from cycle ${first} on ${growth(before, after)}`;
}
