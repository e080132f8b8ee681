import {
  ConnectError,
  ConnectionLostError,
  ConnectionPool,
  HeartbeatTimeoutError,
  PoolExhaustedError,
} from "../../mod.ts";
import { ENVIRONMENT } from "../../src/io/clock.ts";
import { CountingClock } from "./counting_clock.ts";
import { CountingSockets } from "./counting_sockets.ts";
import {
  Findings,
  growth,
  pause,
  type Reading,
  readMeter,
  until,
} from "./meter.ts";
import { lease } from "./rounds.ts";
import type { ServerProcess } from "./server_process.ts";
import type { Command } from "./soak_server.ts";
import { createReset, exchange, type TaggedPool } from "./tagged.ts";

const LIMIT = 10;
const WORKERS = 20;
const KEYS = 5;

/** Messages that a lease asks for at most. */
const MOST_ASKED = 20;

/** What a pool may answer while its server misbehaves. */
function isExpected(error: unknown): boolean {
  return error instanceof ConnectError ||
    error instanceof ConnectionLostError ||
    error instanceof PoolExhaustedError ||
    error instanceof HeartbeatTimeoutError ||
    // Of `receive`: the request went down with its socket.
    (error instanceof DOMException && error.name === "TimeoutError");
}

/** What the server is told to do next. */
function misbehaviour(random: () => number): Command {
  const choice = random();
  const pick = random();
  if (choice < 0.4) return { kind: "drop", pick };
  if (choice < 0.65) return { kind: "reset", pick };
  if (choice < 0.8) return { kind: "close", pick };
  if (choice < 0.97) return { kind: "slow", pick, ms: 50 + random() * 250 };
  return { kind: "restart", ms: 100 + random() * 400 };
}

/** A pool with everything switched on, and what is counted around it. */
class Mix {
  readonly clock = new CountingClock();
  readonly sockets = new CountingSockets();
  readonly pool: TaggedPool;
  readonly #server: ServerProcess;
  readonly #random: () => number;
  leases = 0;
  failures = 0;
  commands = 0;
  /** Connections whose peers were taken for dead. */
  silences = 0;
  /** The most sockets that were left to themselves at once, as far as anybody saw. */
  lingering = 0;

  constructor(server: ServerProcess, random: () => number) {
    this.#server = server;
    this.#random = random;
    const config = {
      maxConnections: LIMIT,
      maxIdleTime: 2_000,
      maxLifetime: 3_000,
      healthCheckInterval: 500,
      acquireTimeout: 5_000,
      reset: createReset(),
      websocket: {
        factory: this.sockets.factory,
        reconnect: { minDelay: 20, maxDelay: 200, resetAfter: 1_000 },
        heartbeat: {
          interval: 2_000,
          timeout: 1_900,
          ping: { sync: 0 },
          isPong: (answer: object) => "sync" in answer && answer.sync === 0,
        },
      },
      [ENVIRONMENT]: { clock: this.clock, random: Math.random },
    };
    this.pool = new ConnectionPool(config);
    this.pool.addEventListener("reconnecting", ({ reason }) => {
      if (reason === "heartbeat") this.silences++;
    });
  }

  /** Leases and misbehaviour for a time. */
  async run(ms: number): Promise<void> {
    const end = performance.now() + ms;
    const isOver = () => performance.now() >= end;
    const misbehave = async () => {
      while (!isOver()) {
        await pause(50 + this.#random() * 100);
        await this.#server.tell(misbehaviour(this.#random));
        this.commands++;
      }
    };
    const work = async () => {
      while (!isOver()) await this.#lease();
    };
    await Promise.all([misbehave(), ...Array.from({ length: WORKERS }, work)]);
  }

  /** Lets everything come to rest, and looks at what is held then. */
  async rest(): Promise<Reading> {
    await until("nothing of the pool is open", () => {
      // Again and again: a dial may be on its way still.
      this.pool.clear();
      const stats = this.pool.stats();
      return this.sockets.open === 0 && stats.connectingConnections === 0 &&
        stats.lingeringSockets === 0;
    });
    await until(
      "the server's sockets are closed",
      async () => (await this.#server.tell({ kind: "count" })).open === 0,
    );
    return await readMeter();
  }

  async #lease(): Promise<void> {
    const random = this.#random;
    const tag = `lease ${++this.leases}`;
    this.lingering = Math.max(
      this.lingering,
      this.pool.stats().lingeringSockets,
    );
    const count = 1 + Math.floor(random() * MOST_ASKED);
    const reads = Math.floor(random() * (count + 1));
    const url = this.#server.url(`/${Math.floor(random() * KEYS)}`);
    try {
      await lease(
        this.pool,
        url,
        random(),
        (conn) => exchange(conn, tag, count, reads),
      );
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.failures++;
    }
  }
}

/** All kinds of leases against a server that misbehaves. Between a quarter of the time and its end nothing may have grown. */
export async function soakMix(
  seconds: number,
  random: () => number,
  server: ServerProcess,
): Promise<string> {
  const findings = new Findings();
  const mix = new Mix(server, random);
  const { clock, pool, sockets } = mix;
  await mix.run(seconds * 250);
  const before = await mix.rest();
  findings.expect(clock.timers <= 1, `${clock.timers} timers at rest`);
  await mix.run(seconds * 750);
  const after = await mix.rest();
  findings.expect(clock.timers <= 1, `${clock.timers} timers at rest`);
  findings.expectFlat(before, after);

  const stats = pool.stats();
  findings.expect(
    stats.totalAcquireStarted === mix.leases &&
      stats.totalReleased === stats.totalAcquired,
    `${mix.leases} leases: ${stats.totalAcquireStarted} acquires, ` +
      `${stats.totalAcquired} answered, ${stats.totalReleased} released`,
  );
  const retired = Object.values(stats.retired).reduce((sum, n) => sum + n);
  findings.expect(
    stats.totalConnections === retired,
    `${stats.totalConnections} connections, ${retired} retired`,
  );
  const report = await pool.close();
  findings.expect(
    report.drained + report.forced + report.abandoned === 0,
    `close reports ${JSON.stringify(report)}`,
  );
  findings.expect(clock.timers === 0, `${clock.timers} timers are left`);
  findings.expect(sockets.left === 0, `${sockets.left} listeners are left`);
  const { maxHeld, total } = await server.tell({ kind: "sum-up" });
  const allowed = LIMIT + mix.lingering;
  findings.expect(
    maxHeld <= allowed,
    `the server had ${maxHeld} sockets at once, ${allowed} were allowed`,
  );
  findings.conclude();
  return `${mix.leases} leases in ${seconds} s, ${mix.failures} failed, ` +
    `${mix.commands} misbehaviours, ${stats.totalReconnects} reconnects, ` +
    `${mix.silences} silences, ${mix.lingering} sockets lingered; the server counted ${maxHeld} sockets at once ` +
    `and ${total} in all; from ${seconds / 4} s on ${growth(before, after)}`;
}
