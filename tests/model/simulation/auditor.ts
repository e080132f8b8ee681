import type { KeyStats, PoolStats } from "../../../mod.ts";
import type { Callers } from "./callers.ts";
import type { Holders } from "./holders.ts";
import type { Network } from "./network.ts";
import type { Peer } from "./peer.ts";
import type { Target } from "./plan.ts";

/** Messages that are for whoever holds the connection. */
const WORDS = ["talk", "echo", "greeting", "huge"];

/**
 * Looks at the pool from outside, after everything that happens: its
 * statistics beside the books of the network, the callers and the events. It
 * knows what may be, not how the pool comes to it.
 */
export class Auditor {
  readonly #callers: Callers;
  readonly #holders: Holders;
  readonly #network: Network;
  /** Targets with a dial that failed, or a connection that was lost. */
  readonly #troubled: Set<Target> = new Set();

  constructor(callers: Callers, holders: Holders, network: Network) {
    this.#callers = callers;
    this.#holders = holders;
    this.#network = network;
    network.onDial = () => this.#verifyDial();
    callers.onClosed = () => this.verifyClosed();
  }

  /** A dial of a target has failed, or what it opened has ended. */
  noteTrouble(target: Target): void {
    this.#troubled.add(target);
  }

  /** What holds at every moment, also between two microtasks. */
  verifyAlways(): void {
    const { world, plan } = this.#callers.setting;
    world.expect(world.clock.pending <= 1, "4.7 one timer at most");
    const connecting = this.#network.livePeers.filter((peer) =>
      peer.isConnecting
    );
    world.expect(
      connecting.length <= plan.limits.maxConnecting,
      `3.1 maxConnecting: ${connecting.length} handshakes`,
    );
  }

  /** What holds once everything that can be done without time has been done. */
  verify(): void {
    const { setting } = this.#callers;
    const { pool, events, settlement } = setting;
    this.verifyAlways();
    settlement.verify();
    const stats = pool.stats();
    this.#verifyLimits(stats);
    this.#verifyOutcomes(stats);
    this.#verifyOrder();
    this.#verifySockets();
    if (stats.lingeringSockets > 0) setting.world.tally.count("lingering");
    if (!this.#callers.isClosing) {
      this.#verifyReaders();
      this.#verifyWaiters(stats);
      this.#verifyLeases(stats);
    }
    events.verify(stats);
  }

  /** As soon as the close resolves: no timer and no listener is left. */
  verifyClosed(): void {
    const { world } = this.#callers.setting;
    world.expect(world.clock.pending === 0, "4.8 a timer is left");
    for (const { socket, id, openedAfter } of this.#network.peers) {
      const count = socket.listenerCount();
      // One that never opened may yet report its failure, to nobody.
      const most = openedAfter === Infinity ? socket.listenerCount("error") : 0;
      world.expect(count === most, `4.8 listeners are left on socket ${id}`);
    }
  }

  /** After the close and the end of all leases: nothing is left, nothing is lost. */
  verifyEnd(heartbeats: number): void {
    const { world, pool, settlement } = this.#callers.setting;
    this.verifyClosed();
    const stats = pool.stats();
    const { activeConnections, idleConnections, connectingConnections } = stats;
    const { closingConnections, waiting } = stats;
    const left = activeConnections + idleConnections + connectingConnections +
      closingConnections + waiting + stats.byKey.size;
    world.expect(left === 0, "I9 closed implies no slot, waiter or key");
    for (const { socket, id } of this.#network.peers) {
      world.expect(
        socket.ended || socket.closeCalls.length === 1,
        `I6 socket ${id} was never closed`,
      );
    }
    for (const signal of this.#callers.signals) {
      world.expect(
        signal.listeners === 0,
        "4.8 a listener on a signal is left",
      );
    }
    const { pending } = settlement;
    world.expect(pending.length === 0, `I5 never settled: ${pending.join()}`);
    const dispatched = this.#network.peers.flatMap(({ deliveries }) =>
      deliveries
    ).filter(({ isHeard }) => isHeard);
    world.expect(
      stats.totalMessagesReceived === dispatched.length,
      `3.4 ${stats.totalMessagesReceived} received of ${dispatched.length}`,
    );
    const { book, userCode } = this.#callers.setting;
    const invalid = this.#holders.invalid + userCode.invalid;
    const used = book.reads + invalid + heartbeats;
    world.expect(
      dispatched.length === used + stats.totalMessagesDropped,
      `4.11 nothing is lost silently: of ${dispatched.length} messages ` +
        `${used} were read and ${stats.totalMessagesDropped} dropped`,
    );
  }

  /** Asked for a socket: is there room, and is it time? */
  #verifyDial(): void {
    const { world, plan, pool } = this.#callers.setting;
    const { maxConnections } = plan.limits;
    const { lingeringSockets } = pool.stats();
    world.expect(
      this.#network.live < maxConnections + lingeringSockets,
      `4.8 a socket too many: ${this.#network.live} live, ${lingeringSockets} of them linger`,
    );
    if (plan.connectRate === undefined) return;
    const { limit, interval } = plan.connectRate;
    const before = this.#network.dialTimes.at(-limit);
    world.expect(
      before === undefined || world.now - before >= interval,
      `3.1 connectRate: more than ${limit} dials in ${interval} ms`,
    );
  }

  #verifyLimits(stats: PoolStats): void {
    const { world, plan: { limits } } = this.#callers.setting;
    const size = sizeOf(stats);
    const { lingeringSockets } = stats;
    world.expect(size <= limits.maxConnections, `I1 ${size} connections`);
    world.expect(
      lingeringSockets <= limits.maxConnections || this.#callers.isClosing,
      `4.8 ${lingeringSockets} sockets linger`,
    );
    if (!this.#callers.setting.pool.closed) {
      world.expect(
        this.#network.live <= size + lingeringSockets,
        `4.8 ${this.#network.live} sockets for ${size} connections`,
      );
    }
    for (const [name, key] of stats.byKey) {
      const target = this.#network.targetOf(name);
      const open = this.#network.livePeers.filter((peer) =>
        peer.target === target && peer.isOpen
      );
      const { idleConnections: idle, activeConnections: active } = key;
      const most = limits.maxConnectionsPerKey;
      world.expect(sizeOf(key) <= most, `I1 ${sizeOf(key)} to ${name}`);
      world.expect(
        idle <= open.length,
        `F17 ${idle} idle over ${open.length} open sockets`,
      );
      world.expect(
        open.length <= idle + active + key.connectingConnections,
        `I2 ${open.length} open sockets to ${name}, nobody has them`,
      );
    }
  }

  /** 3.4: what the callers were told is what the statistics say. */
  #verifyOutcomes(stats: PoolStats): void {
    const { world } = this.#callers.setting;
    const { outcomes, acquires } = this.#callers;
    const pairs: [string, number, number][] = [
      ["started", outcomes.started, stats.totalAcquireStarted],
      ["granted", outcomes.granted, stats.totalAcquired],
      ["reused", outcomes.reused, stats.totalAcquiredReused],
      ["exhausted", outcomes.exhausted, stats.totalExhausted],
      ["aborted", outcomes.aborted, stats.totalAborted],
      ["failed", outcomes.failed, stats.totalAcquireFailed],
      ["closed", outcomes.closed, stats.totalAcquireClosed],
      ["waiting", acquires.size, stats.waiting],
    ];
    for (const [name, own, theirs] of pairs) {
      world.expect(own === theirs, `3.4 ${name}: ${own}, they say ${theirs}`);
    }
    const retired = Object.values(stats.retired).reduce((a, b) => a + b);
    const open = stats.activeConnections + stats.idleConnections;
    world.expect(
      stats.totalConnections === open + retired,
      `3.4 ${stats.totalConnections} opened, ${open} open, ${retired} retired`,
    );
    const { releases } = outcomes;
    const isExact = !this.#callers.isClosing;
    world.expect(
      isExact
        ? stats.totalReleased === releases
        : stats.totalReleased <= releases,
      `3.4 ${stats.totalReleased} released, by callers' count ${releases}`,
    );
  }

  /** I4: nobody is granted a connection before an older waiter of the same kind and key. */
  #verifyOrder(): void {
    const { world } = this.#callers.setting;
    for (const { acquire, isReused } of this.#callers.granted.splice(0)) {
      for (const older of this.#callers.acquires) {
        if (older.id > acquire.id || older.target !== acquire.target) continue;
        // Called from a listener within the older call, before that had joined the queue.
        if (acquire.isNested && older.at === acquire.at) continue;
        const isRival = older.fresh
          ? acquire.fresh || !isReused
          : !acquire.fresh;
        world.expect(!isRival, `I4 ${acquire.id} overtook ${older.id}`);
      }
    }
  }

  /** I3, I8: nobody waits beside an idle connection, or in a pool with room for it. */
  #verifyWaiters(stats: PoolStats): void {
    const { world, plan, events } = this.#callers.setting;
    const { limits, connectRate } = plan;
    const hasProbes = limits.healthCheckInterval !== Infinity ||
      world.stalledAt > 0;
    const hasRoom = sizeOf(stats) < limits.maxConnections &&
      stats.connectingConnections < limits.maxConnecting &&
      connectRate === undefined && plan.reconnect === false &&
      events.hears("connectfailed");
    for (const { target, fresh, id } of this.#callers.acquires) {
      const key = keyOf(stats, target);
      if (key === undefined) {
        world.violated(`I8 nobody knows of acquire ${id}`);
        continue;
      }
      world.expect(
        fresh || hasProbes || key.idleConnections === 0,
        `I3 acquire ${id} waits beside an idle connection`,
      );
      const mayGrow = sizeOf(key) < limits.maxConnectionsPerKey;
      if (!hasRoom || !mayGrow || this.#troubled.has(target)) continue;
      world.expect(
        key.connectingConnections > 0,
        `I8 nothing is done for acquire ${id} of ${target.path}`,
      );
    }
  }

  /** Who holds a connection is counted as active, and nobody else is. */
  #verifyLeases(stats: PoolStats): void {
    const { world, events } = this.#callers.setting;
    const { held, releasing } = this.#callers;
    if (!events.hears("lost")) return;
    const alive = [...held].filter(({ isOver }) => !isOver).length;
    const { activeConnections: active } = stats;
    world.expect(
      alive <= active && active <= alive + releasing,
      `3.4 ${active} active, ${alive} held, ${releasing} being released`,
    );
  }

  /** I6 each socket is closed once; F28 a silent peer is found in time. */
  #verifySockets(): void {
    const { world, pool, plan } = this.#callers.setting;
    const { lingeringSockets } = pool.stats();
    for (const peer of this.#network.livePeers) {
      world.expect(
        peer.socket.closeCalls.length <= 1,
        `I6 socket ${peer.id} was closed twice`,
      );
    }
    // Where no more sockets may linger, a dead one keeps its slot.
    if (lingeringSockets >= plan.limits.maxConnections) return;
    for (const lease of this.#callers.held) {
      for (const peer of this.#callers.setting.book.peersOf(lease.conn.id)) {
        if (peer.isOpen) this.#verifyPeer(peer, lease.since);
      }
    }
  }

  /** Nobody waits for a message that has come. */
  #verifyReaders(): void {
    const { world, plan: { inbox }, book, userCode } = this.#callers.setting;
    // Elsewhere it may have been dropped.
    if (inbox.capacity < 1_000 || inbox.maxBytes < 1_000_000) return;
    for (const { id, reader, isOver, conn, beganAfter } of this.#callers.held) {
      if (reader === undefined || isOver || userCode.isVisited(conn.id)) {
        continue;
      }
      for (const peer of book.peersOf(conn.id)) {
        // What a dial brought that failed later is for nobody.
        if (!peer.isOpen) continue;
        const unread = peer.deliveries.find(({ kind, isHeard, isRead, turn }) =>
          isHeard && !isRead && turn > beganAfter && WORDS.includes(kind)
        );
        world.expect(
          unread === undefined,
          `3.2 lease ${id} waits for ${unread?.kind}, which has come`,
        );
      }
    }
  }

  #verifyPeer({ silentSince, openedAt }: Peer, leasedSince: number): void {
    const { world, plan } = this.#callers.setting;
    const { heartbeat, runtime, timeouts } = plan;
    if (heartbeat === undefined || silentSince === undefined) return;
    const { interval, timeout, style, maxSilence } = heartbeat;
    const canAsk = style !== "frames" || runtime === "bun";
    if (!canAsk && maxSilence === Infinity) return;
    const bound = canAsk ? 2 * interval + timeout : 1.2 * maxSilence + interval;
    const since = Math.max(
      silentSince,
      leasedSince,
      world.lenientUntil,
      // Till the hooks of a dial are done, its own time limit holds.
      openedAt + timeouts.connect,
    );
    world.expect(
      world.now <= since + bound,
      `4.6 silent since ${silentSince}, leased since ${leasedSince}`,
    );
  }
}

function keyOf(stats: PoolStats, { path }: Target): KeyStats | undefined {
  for (const [name, key] of stats.byKey) {
    if (new URL(name).pathname === path) return key;
  }
  return undefined;
}

function sizeOf(gauges: KeyStats): number {
  return gauges.activeConnections + gauges.idleConnections +
    gauges.connectingConnections + gauges.closingConnections;
}
