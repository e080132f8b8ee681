import { assert, assertEquals } from "@std/assert";
import type { ConnectionPool, PooledConnection } from "@jetsocket/pool";
import {
  createVirtualPool,
  observe,
  type Observed,
  type VirtualPool,
} from "../support/virtual_pool.ts";
import type { Place, UserFunction } from "./user_functions.ts";

/** What user code may do with the pool that calls it. */
export type Intrusion = (life: Life) => unknown;

/** Short limits, so that a life with every one of them is over in seconds. */
const LIMITS = {
  maxConnections: 2,
  acquireTimeout: 2_000,
  healthCheckInterval: 1_000,
  healthCheckTimeout: 200,
  resetTimeout: 200,
  leakThreshold: 300,
};

const SOCKET_LIMITS = {
  connectTimeout: 300,
  closeTimeout: 200,
  reconnect: { minDelay: 50, maxDelay: 100, maxAttempts: 3 },
};

/** More than any honest pool dials, or sets timers, in one life. */
const MOST_DIALS = 100;
const MOST_TIMERS = 1_000;

/**
 * The whole life of a pool, in which every kind of user function is called:
 * acquires, messages, a loss, a release, a probe, a clear and the close. What
 * is asserted holds whatever user code does (4.9).
 */
export class Life {
  readonly #place: Place;
  readonly #run: UserFunction;
  readonly #promises: [label: string, promise: Observed<unknown>][] = [];
  readonly leases: PooledConnection[] = [];
  readonly virtual: VirtualPool<unknown, unknown>;

  constructor(place: Place, run: UserFunction) {
    this.#place = place;
    this.#run = run;
    const { websocket, ...options } = place.config(run);
    this.virtual = createVirtualPool({
      ...LIMITS,
      ...options,
      websocket: { ...SOCKET_LIMITS, ...Object(websocket) },
    });
    if (place.listensTo === undefined) return;
    this.virtual.pool.addEventListener(place.listensTo, run);
  }

  get pool(): ConnectionPool {
    return this.virtual.pool;
  }

  /** @param mustServe Whether the first acquires have to succeed */
  async run(mustServe: boolean): Promise<void> {
    const { clock } = this.virtual;
    const first = [this.#acquire("/a"), this.#acquire("/b")];
    await clock.settle();
    if (mustServe) {
      assertEquals(first.map(({ state }) => state), ["fulfilled", "fulfilled"]);
    }
    this.#use();
    await clock.advance(500);
    for (const socket of this.virtual.network.sockets) socket.reset();
    await clock.advance(500);
    this.#use();
    for (const lease of this.leases) this.watch("release", lease.release());
    await clock.advance(250);
    this.#hear();
    await clock.advance(2_500);
    await this.#again();
    await this.#end();
  }

  /** Whatever comes in while a connection is leased, idle, probed or lost. */
  #hear(): void {
    for (const socket of this.virtual.network.sockets) {
      if (socket.readyState !== 1) continue;
      for (const text of ['{"n":1}', "no json"]) socket.message(text);
      socket.message(new Uint8Array([0xff]));
    }
  }

  #use(): void {
    for (const lease of this.leases) {
      this.watch("send", lease.send({ n: 1 }, { timeout: 50 }));
      this.watch("receive", lease.receive({ timeout: 50 }));
    }
    this.#hear();
  }

  /** What is left of the pool still serves, or refuses within its limits. */
  async #again(): Promise<void> {
    const { pool, virtual: { clock } } = this;
    this.watch("warm", pool.warm("/a", { count: 2, timeout: 500 }));
    await clock.advance(600);
    pool.tryAcquire("/a")?.release();
    pool.clear("for the test");
    this.watch("use", pool.use("/c", (conn) => conn.send(1)));
    this.#acquire("/c");
    await clock.advance(LIMITS.acquireTimeout + 100);
    for (const [label, { state }] of this.#promises) {
      assert(state !== "pending", `${label} never settled`);
    }
  }

  async #end(): Promise<void> {
    const { pool, virtual: { clock, network } } = this;
    this.watch("close", pool.close({ drainTimeout: 50 }));
    await clock.advance(2_000);
    for (const [label, { state }] of this.#promises) {
      assert(state !== "pending", `${label} never settled`);
    }
    const stats = pool.stats();
    const { retired, totalConnections } = stats;
    assertEquals(
      [
        stats.activeConnections,
        stats.idleConnections,
        stats.connectingConnections,
        stats.closingConnections,
        stats.waiting,
      ],
      [0, 0, 0, 0, 0],
    );
    const left = Object.values(retired).reduce((sum, count) => sum + count);
    assertEquals(left, totalConnections, "what was opened has left");
    assertEquals(network.live, 0, "a socket is left open");
    assert(network.dials.length < MOST_DIALS, "a hot loop of dials");
    assert(clock.armed < MOST_TIMERS, "a hot loop of timers");
  }

  #acquire(path: string): Observed<PooledConnection> {
    const options = this.#place.renews ? { onReconnect: this.#renew } : {};
    const acquired = this.pool.acquire(path, options);
    acquired.then((lease) => this.leases.push(lease), () => {});
    return this.watch(`acquire of ${path}`, acquired);
  }

  readonly #renew = async (conn: unknown): Promise<void> => {
    await this.#run(conn);
  };

  /** Every promise watched has to settle before the end. */
  watch<T>(label: string, promise: Promise<T>): Observed<T> {
    const observed = observe(promise);
    this.#promises.push([label, observed]);
    return observed;
  }
}
