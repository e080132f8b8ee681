import { assert } from "@std/assert";
import {
  ConnectError,
  type ConnectionPool,
  PoolClosedError,
  type PooledConnection,
  PoolExhaustedError,
  type RetireReason,
} from "@jetsocket/pool";
import type { FakeSocket } from "../support/fake_socket.ts";
import {
  createVirtualPool,
  observe,
  type Observed,
  type VirtualPool,
} from "../support/virtual_pool.ts";
import { causeAt, type Cell, isDial, LIMIT } from "./cells.ts";
import type { Answer, Facts } from "./oracle.ts";

/** How often idle connections are probed, in ms: once in a cell. */
const PROBE_INTERVAL = 10_000;

/** Longer than everything that is left once cause and outcome are over, in ms. */
const LONGEST_REST = 1_000;

/** One cell of the matrix, set up and played. */
export class Stage {
  readonly #cell: Cell;
  readonly #virtual: VirtualPool<unknown, unknown>;
  readonly #abort: AbortController = new AbortController();
  readonly #reason: Error = new Error("the waiter has left");
  /** Settled by the outcome, when the operation is a hook. */
  readonly #hook: PromiseWithResolvers<void> = Promise.withResolvers();
  #isControlled = false;
  #other: PooledConnection | undefined;
  /** The connection that the operation is about, where there is one before. */
  #subject: PooledConnection | undefined;
  #socket: FakeSocket | undefined;
  #waiter: Observed<PooledConnection> | undefined;
  #closing: Observed<unknown> | undefined;

  constructor(cell: Cell) {
    this.#cell = cell;
    // Of an operation that never began nobody hears how it ended.
    this.#hook.promise.catch(() => {});
    const { operation, runtime } = cell;
    this.#virtual = createVirtualPool({
      maxConnections: 2,
      healthCheckInterval: PROBE_INTERVAL,
      healthCheckTimeout: LIMIT,
      resetTimeout: LIMIT,
      acquireTimeout: 60_000,
      healthCheck: async () => {
        if (operation === "probe") await this.#run();
        return true;
      },
      ...(operation === "reset" ? { reset: () => this.#run() } : {}),
      websocket: {
        connectTimeout: LIMIT,
        closeTimeout: LIMIT,
        resolveUrl: async ({ url }) => {
          if (operation === "resolve") await this.#run();
          return url;
        },
        onOpen: async () => {
          if (operation === "onOpen") await this.#run();
        },
      },
    }, { runtime });
  }

  get virtual(): VirtualPool<unknown, unknown> {
    return this.#virtual;
  }

  get #pool(): ConnectionPool {
    return this.#virtual.pool;
  }

  /** Brings the pool to where the operation can begin. */
  async prepare(): Promise<void> {
    const { operation } = this.#cell;
    const { clock } = this.#virtual;
    if (!isDial(operation)) this.#subject = await this.#pool.acquire("/a");
    if (operation === "probe") {
      await this.#subject?.release();
      // The other is leased when the probe begins, and no younger than needed.
      await clock.advance(PROBE_INTERVAL - 1_000);
      this.#subject = undefined;
    }
    this.#other = operation === "probe"
      ? await this.#pool.acquire("/a", { fresh: true })
      : await this.#pool.acquire("/a");
  }

  /** The operation begins, and with it the wait. */
  async begin(): Promise<void> {
    const { operation, cause } = this.#cell;
    const { clock, network } = this.#virtual;
    this.#isControlled = true;
    if (operation === "dial") network.behaviour = "manual";
    if (operation === "probe") await clock.advance(1_000);
    if (operation === "reset") void this.#subject?.release();
    if (operation === "close" && this.#subject !== undefined) {
      this.#socket = network.sockets[0];
      if (this.#socket !== undefined) this.#socket.answersClose = false;
      void this.#subject.discard();
    }
    const timeout = cause === "timeout" ? causeAt(this.#cell) : 60_000;
    const { signal } = this.#abort;
    this.#waiter = observe(this.#pool.acquire("/a", { signal, timeout }));
    await clock.settle();
    if (operation === "dial") {
      this.#socket = network.sockets.length > 1 ? network.last : undefined;
      network.behaviour = "open";
    }
  }

  cause(): void {
    switch (this.#cell.cause) {
      case "abort":
        return this.#abort.abort(this.#reason);
      case "release":
        return void this.#other?.release();
      case "discard":
        return void this.#other?.discard();
      case "pool.close":
        this.#closing = observe(this.#pool.close());
        return;
      case "clear":
        return this.#pool.clear();
      case "timeout":
        // It is the clock's to bring about.
        return;
    }
  }

  outcome(): void {
    const { operation, outcome } = this.#cell;
    if (outcome === "never") return;
    const isGood = outcome !== "error";
    if (operation === "dial") {
      if (isGood) this.#socket?.open();
      else this.#socket?.fail();
    } else if (operation === "close") {
      if (isGood) this.#socket?.peerClose(1_000);
      else this.#socket?.reset();
    } else if (isGood) this.#hook.resolve();
    else this.#hook.reject(new Error("the hook failed"));
  }

  async facts(): Promise<Facts> {
    const { clock, network } = this.#virtual;
    await clock.advance(LONGEST_REST);
    assert(this.#closing?.state !== "pending", "the close never resolved");
    const stats = this.#pool.stats();
    assert(stats.waiting === 0, "somebody waits");
    assert(stats.connectingConnections === 0, "a handshake is under way");
    assert(stats.closingConnections === 0, "a close is under way");
    const retired: Partial<Record<RetireReason, number>> = {};
    for (const [reason, count] of Object.entries(stats.retired)) {
      if (count > 0) Object.assign(retired, { [reason]: count });
    }
    return {
      answer: this.#answer(),
      active: stats.activeConnections,
      idle: stats.idleConnections,
      lingering: stats.lingeringSockets,
      open: network.live,
      retired,
    };
  }

  #answer(): Answer {
    const waiter = this.#waiter;
    if (waiter === undefined || waiter.state === "pending") return "waiting";
    if (waiter.state === "fulfilled") {
      const { id } = waiter.value;
      if (id === this.#other?.id) return "granted: other";
      // Connections are numbered in the order of their dials.
      const ofOperation = isDial(this.#cell.operation) ? 2 : 1;
      return id === ofOperation ? "granted: operation" : "granted: third";
    }
    const { reason } = waiter;
    if (reason === this.#reason) return "aborted";
    if (reason instanceof PoolClosedError) return "closed";
    if (reason instanceof PoolExhaustedError) return "exhausted";
    if (reason instanceof ConnectError) {
      return reason.timedOut ? "timed out" : "failed";
    }
    throw reason;
  }

  /** The operation, if it is a hook: others of its kind are over at once. */
  async #run(): Promise<void> {
    if (!this.#isControlled) return;
    this.#isControlled = false;
    await this.#hook.promise;
  }
}
