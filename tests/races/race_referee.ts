import { assert, assertEquals } from "@std/assert";
import type { PoolStats } from "@jetsocket/pool";
import { observe } from "../support/virtual_pool.ts";
import type { Caller, Outcome } from "./caller.ts";
import type { Holder } from "./holder.ts";
import type { Referee } from "./race.ts";
import type { RaceWorld } from "./race_world.ts";

/** Longer than every limit of a race together, in ms. */
const LONGEST_END = 5_000;

/** How long the pool hears first what waited while the process stood still, in ms. */
const GRACE = 50;

/** What has to be true of a race: at every moment, at rest, and at the end. */
export class RaceReferee implements Referee {
  readonly #world: RaceWorld;
  readonly #callers: readonly Caller[];
  readonly #takers: readonly Holder[];
  #before: PoolStats | undefined;

  /** @param takers Leases that were had without waiting */
  constructor(
    world: RaceWorld,
    callers: readonly Caller[],
    takers: readonly Holder[],
  ) {
    this.#world = world;
    this.#callers = callers;
    this.#takers = takers;
  }

  settle(): Promise<void> {
    return this.#world.clock.settle();
  }

  checkNow(): void {
    const { pool, options: { maxConnections } } = this.#world;
    this.#world.assertFaultless();
    const stats = pool.stats();
    this.#checkSums(stats);
    this.#checkMonotonic(stats);
    const present = gauges(stats).reduce((sum, gauge) => sum + gauge);
    assert(present <= maxConnections, `I1 ${present} connections`);
    const lingering = stats.lingeringSockets;
    assert(lingering <= maxConnections, `${lingering} lingering sockets`);
    const live = this.#world.sockets.filter(({ ended }) => !ended).length;
    assert(live <= maxConnections + lingering, `4.8 ${live} sockets`);
    const dialling = this.#world.sockets
      .filter(({ isDialling }) => isDialling).length;
    assert(dialling <= 2, `${dialling} handshakes at once`);
    const held = this.#holders().filter(({ isOver, conn }) =>
      !isOver && conn.isConnected
    ).map(({ conn }) => conn.id);
    assertEquals(new Set(held).size, held.length, "two hold one connection");
    assert(held.length <= stats.activeConnections, "a lease nobody counts");
  }

  /** With no promise chain left to run, what was decided has been told. */
  checkSettled(): void {
    this.checkNow();
    const stats = this.#world.pool.stats();
    const count = (outcome: Outcome) =>
      this.#callers.filter((caller) => caller.outcome === outcome).length;
    assertEquals(
      {
        started: stats.totalAcquireStarted,
        granted: stats.totalAcquired,
        aborted: stats.totalAborted,
        closed: stats.totalAcquireClosed,
        exhausted: stats.totalExhausted,
        failed: stats.totalAcquireFailed,
        waiting: stats.waiting,
      },
      {
        started: this.#callers.length + this.#takers.length,
        granted: count("granted") + this.#takers.length,
        aborted: count("aborted"),
        closed: count("closed"),
        exhausted: count("exhausted"),
        failed: count("failed"),
        waiting: count("pending"),
      },
      "3.4 what the callers saw is not what was counted",
    );
    const over = this.#holders().filter(({ isOver }) => isOver).length;
    assert(stats.totalReleased >= over || this.#world.isClosed, "3.4 releases");
    const { nextAt, time } = this.#world.clock;
    // After a standstill nothing is declared late for a while (4.7).
    if (nextAt === undefined || nextAt > time + GRACE) {
      const overdue = this.#callers.filter(({ isOverdue }) => isOverdue);
      assertEquals(overdue.length, 0, "4.2 a deadline has passed unnoticed");
    }
    for (const [name, key] of stats.byKey) {
      const grantable = key.idleConnections - this.#world.probing;
      const waits = this.#callers.some(({ outcome, path, isFresh }) =>
        outcome === "pending" && !isFresh && name.endsWith(path)
      );
      assert(!waits || grantable <= 0, `I3 ${name} waits beside idle`);
    }
  }

  /** Closes the pool: everything is answered, and nothing is left (4.8, I9). */
  async end(): Promise<void> {
    const world = this.#world;
    const { pool, clock } = world;
    world.isClosed = true;
    const closed = pool.close();
    const closing = observe(closed);
    // In that very turn: a timer that is left may fire for nothing, and be gone.
    void closed.then(() =>
      world.judge(() => assertEquals(clock.pending, 0, "4.8 a timer is left"))
    );
    await clock.settle();
    this.checkSettled();
    assertEquals(pool.stats().waiting, 0, "I9 a waiter after the close");
    for (let time = 0; time < LONGEST_END; time += 500) {
      await clock.advance(500);
      this.checkSettled();
    }
    assertEquals(closing.state, "fulfilled", "the close never resolved");
    const stats = pool.stats();
    assertEquals(gauges(stats), [0, 0, 0, 0], "I9 a slot after the close");
    const left = world.sockets.filter(({ ended }) => !ended).length;
    // Once the pool is closed it hears of no end: what it gave up stays counted.
    assertEquals(stats.lingeringSockets, closing.value.abandoned);
    assert(left <= stats.lingeringSockets, "4.8 a socket left and not counted");
    for (const socket of world.sockets) {
      // One that never opened keeps an empty listener for its late error.
      const kept = socket.listenerCount() - socket.listenerCount("error");
      assertEquals(kept, 0, "a listener is left");
    }
    for (const holder of this.#holders()) {
      if (!holder.isOver) holder.end();
      holder.assertInert();
    }
    await clock.settle();
    world.assertFaultless();
    for (const holder of this.#holders()) holder.assertDone();
    const { totalMessagesReceived, totalMessagesDropped } = pool.stats();
    assertEquals(
      totalMessagesReceived,
      totalMessagesDropped + world.post.delivered,
      "a message is neither delivered nor counted as dropped",
    );
  }

  #holders(): Holder[] {
    const held = this.#callers.map(({ holder }) => holder)
      .filter((holder) => holder !== undefined);
    return [...held, ...this.#takers];
  }

  #checkSums(stats: PoolStats): void {
    const sums = [0, 0, 0, 0, 0];
    for (const key of stats.byKey.values()) {
      const each = [...gauges(key), key.waiting];
      each.forEach((gauge, index) => {
        assert(gauge >= 0, "3.4 a gauge below 0");
        sums[index] = (sums[index] ?? 0) + gauge;
      });
    }
    assertEquals(sums, [...gauges(stats), stats.waiting], "3.4 by key");
    const left = Object.values(stats.retired).reduce((a, b) => a + b);
    assertEquals(
      stats.totalConnections,
      stats.activeConnections + stats.idleConnections + left,
      "3.4 opened = present + retired",
    );
    assert(stats.totalReleased <= stats.totalAcquired, "3.4 releases");
    assert(stats.totalAcquiredReused <= stats.totalAcquired, "3.4 reuse");
  }

  #checkMonotonic(stats: PoolStats): void {
    const before = this.#before;
    this.#before = stats;
    if (before === undefined) return;
    for (const [name, value] of Object.entries(stats)) {
      if (!name.startsWith("total")) continue;
      const last: unknown = Reflect.get(before, name);
      // The sum of what is monotonic and of those who wait is so as well.
      assert(Number(last) <= Number(value), `3.4 ${name} went back`);
    }
  }
}

/** Connections by state; those of a lease that waits for a new socket are active. */
function gauges(stats: {
  readonly activeConnections: number;
  readonly idleConnections: number;
  readonly connectingConnections: number;
  readonly closingConnections: number;
}): number[] {
  return [
    stats.activeConnections,
    stats.idleConnections,
    stats.connectingConnections,
    stats.closingConnections,
  ];
}
