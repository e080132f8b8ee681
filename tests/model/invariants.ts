import { assert, assertEquals } from "@std/assert";
import type { Key } from "../../src/core/key.ts";
import type { Ledger } from "../../src/core/ledger.ts";
import type { PoolState } from "../../src/core/pool_state.ts";
import { unreserved } from "../../src/core/queue.ts";
import { SlotState } from "../../src/core/slot.ts";
import type { Waiter } from "../../src/core/waiter.ts";
import type { ModelPayload, ModelSlot } from "./records.ts";
import { PLACES } from "./records.ts";
import type { Reference } from "./reference.ts";

type State = PoolState<ModelPayload>;

/** Looks at all the core holds, by the numbers at the head of `pool_state.ts`. */
export function assertInvariants(state: State, reference: Reference): void {
  assertSlots(state, reference);
  assertKeys(state, reference);
  assertWaiters(state, reference);
  assertProgress(state, reference);
  assertDeadlines(state);
  assertCounters(state, reference);
  if (state.ledger.phase === "closed") assertClosed(state);
}

/** Everything that an input without effect must leave alone. */
export function fingerprint({ ledger, nextAt }: State): string {
  const { slots, keys, counters, dialable, lingering, tickAt } = ledger;
  return JSON.stringify([
    [...slots].map(({ id, state, lease, doom }) => [
      id,
      state,
      lease,
      doom,
    ]),
    [...keys.values()].map((key) => [
      key.name,
      key.size,
      key.waiting,
      key.demand,
      key.blocked,
      key.failed,
      key.rank,
      key.heapIndex,
    ]),
    counters,
    [ledger.waiting, dialable.size, lingering, tickAt, nextAt],
    ledger.revision,
    ledger.actions.length,
  ]);
}

function assertSlots({ ledger }: State, reference: Reference): void {
  const { slots, connecting, limits } = ledger;
  const present = reference.present();
  assert(present.length <= limits.maxConnections, "I1 maxConnections");
  assert(connecting.size <= limits.maxConnecting, "maxConnecting");
  assertSame(slots, present.map(({ slot }) => slot), "I2 all");
  for (const peer of reference.peers) {
    assertEquals(PLACES[peer.slot.state], peer.place, "I2 state of a slot");
  }
  const { idle, leased, probing, resetting, closing } = ledger;
  const counts = { idle, leased, probing, resetting, closing };
  for (const [place, count] of Object.entries(counts)) {
    const known = PLACES.find((each) => each === place);
    assert(known !== undefined);
    assertEquals(count, reference.in(known).length, place);
  }
  const dialled = reference.in("connecting").map(({ slot }) => slot);
  assertSame(connecting, dialled, "I2 connecting");
  assertEquals(ledger.lingering, reference.lingering, "lingering");
}

function assertKeys({ ledger }: State, reference: Reference): void {
  const { limits, keys } = ledger;
  for (const [name, key] of keys) {
    assertEquals(key.name, name, "one record for a key");
    assert(key.attached);
    const isUsed = key.size > 0 || key.waiting > 0 || key.warmers > 0 ||
      key.failed !== undefined;
    assert(isUsed, "4.11 a key's record goes when nothing hangs on it");
    const present = reference.present(name);
    assert(present.length <= limits.maxConnectionsPerKey, "I1 per key");
    assertEquals(key.size, present.length);
    const { connecting, probing, closing } = key;
    assertEquals(connecting, reference.in("connecting", name).length);
    assertEquals(probing, reference.in("probing", name).length);
    assertEquals(closing, reference.in("closing", name).length);
    const idle = reference.in("idle", name).map(({ slot }) => slot);
    assertSame(key.idle, idle, "I2 idle of a key");
    const orders = key.idle.map(({ idleOrder }) => idleOrder);
    assertEquals(orders, orders.toSorted((a, b) => a - b), "newest last");
    const failure = reference.failureOf(name);
    assertEquals(key.failing?.attempts, failure?.attempts, "failures in a row");
    assertEquals(key.failing?.retryAt, failure?.retryAt, "end of the backoff");
    assertEquals(key.reserved, 0);
    assertBooks(key, limits.maxConnectionsPerKey);
    assertSteadiness(ledger, key);
  }
  const needed = [...reference.present(), ...reference.waiting()];
  for (const { key } of needed) {
    assert(keys.has(key), "what is used has its record in the table");
  }
}

/** The books are kept step by step; here they are made anew. */
function assertBooks(key: Key<ModelPayload>, maxPerKey: number): void {
  const demand = Math.max(0, key.waiting - key.connecting);
  const unclaimed = Math.max(0, key.connecting - key.waiting);
  assertEquals(key.unclaimed, unclaimed, "dials that nobody waits for");
  const evictable = key.freshWaiters.size > 0 ? key.idle.length : 0;
  const room = maxPerKey - key.size + key.closing + evictable;
  assertEquals(key.blocked, Math.max(0, demand - room), "blocked");
}

/** What was found steady, and nothing has changed since, is steady. */
function assertSteadiness(
  { dialable, revision, closing, failed, limits, warmers }: Ledger<
    ModelPayload
  >,
  key: Key<ModelPayload>,
): void {
  assert(key.joinableAt <= key.steadyAt && key.steadyAt <= revision);
  if (key.joinableAt === revision) {
    assertEquals([closing, failed.size], [0, 0], "nothing is on its way");
    assertEquals(limits.maxWaiting, Infinity);
  }
  if (key.steadyAt !== revision) return;
  assertEquals(warmers.size, 0, "nobody warms");
  assertEquals(key.freshWaiters.size, 0, "nobody wants a never-leased one");
  assertEquals(key.redials.size, 0, "no redial waits");
  assertEquals(key.failing, undefined, "it does not fail");
  const own = key.heapIndex < 0 ? 0 : 1;
  assertEquals(dialable.size, own, "no other key could dial");
}

/** The waiters of a queue. Each cohort in it has members, and knows who is first and last. */
function waitersIn(
  queue: Key<ModelPayload>["waiters"],
): Waiter<ModelPayload>[] {
  const waiters: Waiter<ModelPayload>[] = [];
  for (const cohort of queue) {
    const members = [...items(cohort.first)];
    assert(members.length > 0, "a cohort without members");
    assert(cohort.last === members.at(-1), "a cohort's last member");
    for (const member of members) assert(member.cohort === cohort);
    waiters.push(...members);
  }
  return waiters;
}

function assertWaiters({ ledger }: State, reference: Reference): void {
  const { now } = reference;
  const waiting = reference.waiting();
  assertEquals(ledger.waiting, waiting.length);
  const all = [...ledger.keys.values()];
  for (const key of all) {
    const mine = reference.waiting(key.name);
    assertEquals(key.waiting, mine.length);
    const lists = { any: key.waiters, fresh: key.freshWaiters };
    for (const [kind, list] of Object.entries(lists)) {
      const tickets = mine.filter(({ fresh }) => fresh === (kind === "fresh"));
      const queue = waitersIn(list);
      const ids = queue.map(({ answer }) => answer.id);
      assertEquals(ids, tickets.map(({ id }) => id), "the key's queue");
    }
    if (key.waiters.size > 0) {
      assertEquals(key.idle.length, 0, "I3 nobody waits beside an idle one");
    }
    if (key.freshWaiters.size > 0) {
      const unused = key.idle.some(({ isUnused }) => isUnused);
      assert(!unused, "I3 nobody waits beside one that will do");
    }
  }
  for (const { at, state } of reference.tickets) {
    if (state !== "waiting" || reference.isGracious) continue;
    assert(at > now, "I5 settled by its deadline");
  }
  for (const { isPending, at } of reference.warmTickets) {
    if (!reference.isGracious) assert(!isPending || at > now);
  }
  const demand = all.reduce((sum, key) => sum + key.demand, 0);
  const blocked = all.reduce((sum, key) => sum + key.blocked, 0);
  assertEquals(unreserved(ledger, 0), demand, "demand of all");
  assertEquals(unreserved(ledger, Infinity), blocked, "blocked of all");
  const isOpen = ["idle", "leased", "probing", "resetting"] as const;
  if (isOpen.some((place) => reference.in(place).length > 0)) {
    assert(ledger.tickAt < Infinity, "4.7 it ticks while a connection is open");
  }
}

/** I8, and what keeps dials waiting is what 4.2 and 4.3 say. */
function assertProgress({ ledger }: State, reference: Reference): void {
  const { limits, slots, connecting } = ledger;
  const dialable = [...ledger.keys.values()].filter(({ name }) =>
    reference.wantsDial(name)
  );
  if (!reference.isGracious) {
    assertEquals(ledger.dialable.size, dialable.length, "keys that could dial");
    const ranks = dialable.map((key) => key.oldestWaiter?.sequence);
    // Alone, the first one's rank may be behind.
    if (ranks.length > 1) {
      assertEquals(ledger.dialable.first?.rank, least(ranks), "who is first");
    }
  }
  const isHandshaking = connecting.size >= limits.maxConnecting;
  const isFull = slots.size >= limits.maxConnections;
  for (const key of ledger.keys.values()) {
    if (key.demand === 0) continue;
    const isBacking = key.wake !== undefined || reference.isGracious;
    const isTried = key.failing !== undefined && key.connecting > 0;
    const wantsFresh = key.freshWaiters.size > 0;
    const isAtOwnLimit = key.size >= limits.maxConnectionsPerKey;
    const hasWaste = [...slots].some((slot) =>
      slot.state === SlotState.idle &&
      (slot.key === key ? wantsFresh : !isAtOwnLimit)
    );
    const others = dialable.filter((other) => other !== key);
    const share = Math.max(1, Math.floor(limits.maxConnecting / 2));
    const isHeldBack = key.connecting >= share && others.length > 0;
    // Failing keys together have no more handshakes than one healthy key.
    const trials = [...connecting].filter(({ key }) => key.failing);
    const isRationed = key.failing !== undefined && trials.length >= share;
    const isServedByClosing = ledger.closing > 0;
    assert(
      isBacking || isTried || isHandshaking || isHeldBack || isRationed ||
        ((isFull || isAtOwnLimit) && (!hasWaste || isServedByClosing)),
      "I8 a waiter implies that something is under way",
    );
  }
}

function assertDeadlines({ ledger }: State): void {
  const { slots, keys, deadlines } = ledger;
  let slotAlarms = 0;
  let atMost = 0;
  const cohorts = new Set<object>();
  for (const { alarm, lifetime, state } of slots) {
    for (const each of [alarm, lifetime]) {
      if (each !== undefined && each.heapIndex >= 0) slotAlarms++;
    }
    assert(alarm?.heapIndex !== -1, "no alarm that has rung");
    assert(alarm === undefined || state !== SlotState.idle);
  }
  for (const key of keys.values()) {
    if (key.wake !== undefined && key.wake.heapIndex >= 0) slotAlarms++;
    for (const list of [key.waiters, key.freshWaiters]) {
      for (const cohort of list) {
        if (cohort.rank < Infinity) cohorts.add(cohort);
      }
    }
    atMost += key.warmers;
  }
  // A drain has one deadline more.
  if (ledger.phase === "draining") atMost++;
  slotAlarms += cohorts.size;
  assert(deadlines.size >= slotAlarms, "each deadline is in the heap");
  assert(deadlines.size <= slotAlarms + atMost, "none outlives its cause");
}

function assertCounters({ ledger }: State, reference: Reference): void {
  const { counters, slots, waiting } = ledger;
  const { counts } = reference;
  const { acquired, exhausted, aborted, failed, closed } = counters;
  assertEquals(
    counts.started,
    acquired + exhausted + aborted + failed + closed + waiting,
    "3.4 identity of the counters",
  );
  assertEquals(
    [acquired, exhausted, aborted, failed, closed],
    [
      counts.acquired,
      counts.exhausted,
      counts.aborted,
      counts.failed,
      counts.closed,
    ],
  );
  assertEquals(counters.acquired - counters.acquiredUnused, counts.reused);
  assertEquals(counters.released, counts.released);
  assertEquals(counters.opened, counts.opened);
  const retired = Object.values(counters.retired).reduce((a, b) => a + b);
  assertEquals(retired, counts.retired);
  const open = [...slots].filter(({ state }) =>
    state !== SlotState.connecting && state !== SlotState.closing
  );
  assertEquals(counters.opened, open.length + retired, "totalConnections");
}

function assertClosed({ ledger, nextAt }: State): void {
  assertEquals(ledger.slots.size, 0, "I9 no slot");
  assertEquals(ledger.waiting, 0, "I9 no waiter");
  assertEquals(nextAt, Infinity, "I9 no wake");
  assertEquals(ledger.keys.size, 0, "I9 no key");
}

function* items<T extends { next: T | undefined }>(first: T | undefined) {
  for (let item = first; item !== undefined; item = item.next) yield item;
}

function assertSame(
  actual: Iterable<ModelSlot>,
  expected: readonly ModelSlot[],
  message: string,
): void {
  const ids = (slots: Iterable<ModelSlot>) =>
    Array.from(slots, ({ id }) => id).sort((a, b) => a - b);
  assertEquals(ids(actual), ids(expected), message);
}

function least(numbers: (number | undefined)[]): number | undefined {
  const known = numbers.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
