import {
  type AcquireOptions,
  ConnectError,
  PoolClosedError,
  type PooledConnection,
  PoolExhaustedError,
} from "../../../mod.ts";
import { CallerSignal } from "./caller_signal.ts";
import type { Lease } from "./lease_book.ts";
import { type Plan, SHORTEST_TIMEOUT, type Target } from "./plan.ts";
import type { Acquire, Outcomes, Setting } from "./setting.ts";
import { Mischief } from "./user_code.ts";

/** Those who ask for connections: acquire, tryAcquire, use, warm, and the ends of these. */
export class Callers {
  /** In the order of their calls. */
  readonly acquires: Set<Acquire> = new Set();
  /** Leases that nobody has given back, by when they began. */
  readonly held: Set<Lease> = new Set();
  /** Those of them that `use` will give back. */
  readonly lent: Set<Lease> = new Set();
  /** Granted since somebody last looked, without those who needed no queue. */
  readonly granted: { acquire: Acquire; isReused: boolean }[] = [];
  readonly signals: Set<CallerSignal> = new Set();
  readonly outcomes: Outcomes = {
    started: 0,
    granted: 0,
    reused: 0,
    exhausted: 0,
    failed: 0,
    closed: 0,
    aborted: 0,
    releases: 0,
  };
  /** Releases whose promises are not settled. */
  releasing = 0;
  isClosing = false;
  /** Told as soon as the close has resolved. */
  onClosed: () => void = () => {};
  readonly setting: Setting;
  #calls = 0;

  constructor(setting: Setting) {
    this.setting = setting;
  }

  acquire(options: AcquireOptions, target?: Target): void {
    const { pool, settlement, world } = this.setting;
    const acquire = this.#open(options, target);
    world.note(`acquire ${acquire.id} of ${acquire.target.path}`);
    settlement.watch(
      `acquire ${acquire.id}`,
      pool.acquire(acquire.target.path, this.#options(acquire, options)),
      acquire.deadline,
      (error) => this.#judge(acquire, error),
      (conn) => void this.#granted(acquire, conn),
      (error) => this.#refused(acquire, error),
    );
  }

  /** A lease that lasts as long as a function of the caller's. */
  use(options: AcquireOptions = {}): void {
    const { pool, settlement, world, plan } = this.setting;
    const acquire = this.#open(options);
    world.note(`use ${acquire.id} of ${acquire.target.path}`);
    const hold = world.random.below(40);
    const fails = world.random.chance(0.3);
    const call = pool.use(acquire.target.path, async (conn) => {
      const lease = this.#granted(acquire, conn);
      this.lent.add(lease);
      pending.deadline = world.now + hold;
      await new Promise<void>((resolve) => world.after(hold, resolve));
      // A release that waits for its reset may take as long as that.
      pending.deadline = world.now + plan.limits.resetTimeout;
      this.#giveBack(lease);
      if (fails) throw new Mischief("the caller's own failure");
    }, this.#options(acquire, options));
    const pending = settlement.watch(
      `use ${acquire.id}`,
      call,
      acquire.deadline,
      (error) =>
        error instanceof Mischief && fails
          ? undefined
          : this.#judge(acquire, error),
      () => this.releasing--,
      (error) => {
        if (error instanceof Mischief) this.releasing--;
        else this.#refused(acquire, error);
      },
    );
  }

  tryAcquire(): void {
    const { pool, world, plan } = this.setting;
    const target = world.random.pick(plan.targets);
    const { protocols } = target;
    const turn = world.deliveries;
    const conn = pool.tryAcquire(target.path, { protocols: [...protocols] });
    world.note(`tryAcquire of ${target.path}: ${conn?.id}`);
    if (conn === undefined) return;
    this.outcomes.started++;
    world.expect(!this.isClosing, "4.8 a closed pool leases nothing");
    this.#lease(conn, target, turn);
  }

  warm(): void {
    const { pool, world, plan, settlement } = this.setting;
    const target = world.random.pick(plan.targets);
    const timeout = world.random.pick([SHORTEST_TIMEOUT, 300]);
    const signal = world.random.chance(0.3) ? this.signal() : undefined;
    const options = {
      count: world.random.between(0, 4),
      timeout,
      protocols: [...target.protocols],
      ...signal && { signal: signal.signal },
    };
    world.note(`warm ${options.count} of ${target.path}`);
    settlement.watch(
      "warm",
      pool.warm(target.path, options),
      world.now + timeout,
      (error) =>
        this.#isClosed(error) || signal?.aborted && error === signal.reason
          ? undefined
          : "4.11 warm rejects for the signal or the close only",
    );
  }

  /** Ends a pending call, or a read or a word that waits. */
  abort(): void {
    const { world } = this.setting;
    const signal = world.random.pickAny([...this.signals]);
    if (signal === undefined) return;
    this.signals.delete(signal);
    world.note(`abort ${signal.reason.message}`);
    signal.abort();
  }

  /** A signal that is aborted later, or never. */
  signal(): CallerSignal {
    const signal = new CallerSignal(`signal ${++this.#calls}`);
    this.signals.add(signal);
    return signal;
  }

  /** The books of a lease that is given back; the call is the caller's. */
  #giveBack(lease: Lease): void {
    lease.isReleased = true;
    lease.lastTurn = this.setting.world.deliveries;
    this.held.delete(lease);
    this.lent.delete(lease);
    this.outcomes.releases++;
    this.releasing++;
  }

  /** Gives a lease back through one of the ways there are. */
  release(lease: Lease, give: () => Promise<void>): void {
    const { settlement, plan, world } = this.setting;
    this.#giveBack(lease);
    world.note(`lease ${lease.id} of connection ${lease.conn.id} given back`);
    const isReset = plan.hooks.reset !== "none";
    settlement.watch(
      `release of ${lease.id}`,
      give(),
      world.now + (isReset ? plan.limits.resetTimeout : 0),
      () => "4.11 a release never rejects",
      () => this.releasing--,
    );
  }

  close(options: Plan["ends"]): void {
    const { pool, settlement, plan, world } = this.setting;
    world.note(`close, ${options.drainTimeout} ms to drain`);
    this.isClosing = true;
    const bound = options.drainTimeout + plan.timeouts.close;
    const before = this.held.size;
    const promise = pool.close(options);
    world.expect(promise === pool.close(), "4.8 a second close joins");
    settlement.watch(
      "close",
      promise,
      world.now + bound,
      () => "4.8 close always resolves",
      ({ drained, forced, abandoned }) => {
        this.onClosed();
        world.note(`closed: ${drained} drained, ${forced} forced`);
        world.expect(
          drained + forced <= before + this.granted.length,
          `4.8 ${drained} drained and ${forced} forced of ${before} leases`,
        );
        world.tally.count("drained", drained);
        world.tally.count("forced", forced);
        world.tally.count("abandoned", abandoned);
      },
      () => {},
      plan.timeouts.close,
    );
  }

  #open(options: AcquireOptions, given?: Target): Acquire {
    const { world, plan } = this.setting;
    this.outcomes.started++;
    const timeout = options.timeout ?? plan.limits.acquireTimeout;
    const acquire: Acquire = {
      id: this.outcomes.started,
      target: given ?? world.random.pick(plan.targets),
      fresh: options.fresh === true,
      at: world.now,
      deadline: world.now + timeout,
      turn: world.deliveries,
      signal: world.random.chance(0.2) && given === undefined
        ? this.signal()
        : undefined,
      isNested: world.depth > 0,
    };
    this.acquires.add(acquire);
    return acquire;
  }

  #options(
    acquire: Acquire,
    options: AcquireOptions,
  ): AcquireOptions | undefined {
    const { protocols } = acquire.target;
    const { onReconnect } = this.setting.userCode;
    const hasOptions = acquire.signal !== undefined || protocols.length > 0 ||
      Object.keys(options).length > 0;
    // Without any option an acquire takes the shortest way.
    if (!hasOptions) return undefined;
    return {
      ...options,
      ...protocols.length > 0 && { protocols: [...protocols] },
      ...acquire.signal && { signal: acquire.signal.signal },
      ...this.setting.world.random.chance(0.5) && { onReconnect },
    };
  }

  #granted(acquire: Acquire, conn: PooledConnection): Lease {
    const { world } = this.setting;
    this.acquires.delete(acquire);
    this.granted.push({ acquire, isReused: conn.reused });
    world.expect(
      !acquire.fresh || !conn.reused,
      "4.11 fresh is a never-leased connection",
    );
    return this.#lease(conn, acquire.target, acquire.turn);
  }

  #lease(conn: PooledConnection, target: Target, turn: number): Lease {
    const { world, book, events, plan, userCode } = this.setting;
    this.outcomes.granted++;
    if (conn.reused) this.outcomes.reused++;
    const { pathname } = new URL(conn.url);
    world.expect(pathname === target.path, "4.2 the address asked for");
    const firstTurn = events.leaseBegan(conn.id, conn.reused) ??
      book.earliestTurn(conn, turn);
    const before = book.leases.filter((past) => past.conn.id === conn.id);
    world.expect(
      plan.hooks.reset === "none" ||
        userCode.resetsOf(conn.id) >= before.length,
      `4.4 connection ${conn.id} is leased again without a reset`,
    );
    const lease = book.begin(conn, target, firstTurn);
    lease.isOver = events.isOver(conn.id);
    this.held.add(lease);
    world.note(`lease ${lease.id} of connection ${conn.id} ${target.path}`);
    const others = [...this.held].filter((other) => other.conn.id === conn.id);
    world.expect(
      others.every((other) => other === lease || other.isOver),
      `two hold connection ${conn.id}`,
    );
    return lease;
  }

  #refused(acquire: Acquire, error: unknown): void {
    const { outcomes } = this;
    this.acquires.delete(acquire);
    if (error instanceof PoolExhaustedError) outcomes.exhausted++;
    else if (error instanceof ConnectError) outcomes.failed++;
    else if (error instanceof PoolClosedError) outcomes.closed++;
    else outcomes.aborted++;
  }

  /** Whether an acquire may end like this, now. */
  #judge(acquire: Acquire, error: unknown): string | undefined {
    const { world, plan, events } = this.setting;
    const { signal, deadline } = acquire;
    if (this.#isClosed(error)) return undefined;
    if (signal?.aborted && error === signal.reason) return undefined;
    if (error instanceof PoolExhaustedError) {
      world.tally.count(`exhausted for want of a ${error.waitingFor}`);
      if (error.reason === "timeout") {
        return world.now >= deadline ? undefined : "3.3 not in time yet";
      }
      const isBounded = plan.limits.maxWaiting < Infinity;
      return isBounded && world.now === acquire.at
        ? undefined
        : "3.3 the queue has no end, or was joined already";
    }
    if (error instanceof ConnectError) {
      world.tally.count(`ConnectError: ${error.phase}`);
      if (error.timedOut && world.now >= deadline) return undefined;
      const hasFailed = !events.hears("connectfailed") ||
        events.of("connectfailed") > 0;
      return hasFailed ? undefined : "4.2 no dial has failed";
    }
    return "3.3 no such end of an acquire";
  }

  #isClosed(error: unknown): boolean {
    return error instanceof PoolClosedError && this.isClosing;
  }
}
