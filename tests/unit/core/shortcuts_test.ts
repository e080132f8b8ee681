import { assert, assertEquals } from "@std/assert";
import { Key } from "../../../src/core/key.ts";
import type { Limits } from "../../../src/core/limits.ts";
import { recordFailure } from "../../../src/core/keys.ts";
import { unreserved } from "../../../src/core/queue.ts";
import { rotate } from "../../../src/core/redials.ts";
import { handOver, join, stamp } from "../../../src/core/shortcuts.ts";
import type { Slot } from "../../../src/core/slot.ts";
import type { Waiter } from "../../../src/core/waiter.ts";
import { BareCore, type BarePayload } from "../../support/bare_core.ts";

/** A core whose only slot is leased, with `waiting` waiters in its key's queue. */
function busy(
  waiting: number,
  limits: Partial<Limits> = {},
): { core: BareCore; slot: Slot<BarePayload>; key: Key<BarePayload> } {
  const core = new BareCore({ maxConnections: 1, ...limits });
  const slot = core.lease("a");
  for (let count = 0; count < waiting; count++) core.enqueue("a", 500);
  core.take();
  return { core, slot, key: core.key("a") };
}

function joinIn(
  core: BareCore,
  key: Key<BarePayload>,
  timeout = 500,
  ticket: string | undefined = undefined,
): Waiter<BarePayload> | undefined {
  return join(core.state.ledger, key, timeout, ticket, "joined");
}

/** What the books say, to be compared between the two ways to the same place. */
function books(core: BareCore, key: Key<BarePayload>): unknown {
  const { ledger } = core.state;
  const { counters, dialable } = ledger;
  return {
    counters,
    waiting: [ledger.waiting, key.waiting],
    demand: [key.demand, key.blocked],
    all: [unreserved(ledger, 0), unreserved(ledger, Infinity)],
    // The rank of one that is alone means nothing.
    dialable: [dialable.size, dialable.size > 1 && dialable.first?.rank],
    slots: [ledger.leased, ledger.idle],
  };
}

for (
  const [where, limits] of [
    ["at the pool's limit", {}],
    ["at the key's limit", { maxConnections: 4, maxConnectionsPerKey: 1 }],
    ["at both limits", { maxConnectionsPerKey: 1 }],
  ] as const
) {
  Deno.test(`4.2 joining and handing over leave the books of the general way, ${where}`, () => {
    const one = busy(0, limits);
    const other = busy(0, limits);
    const assertSame = () =>
      assertEquals(books(one.core, one.key), books(other.core, other.key));
    for (const waiting of [1, 4]) {
      for (let count = 0; count < waiting; count++) {
        assert(joinIn(one.core, one.key));
        other.core.enqueue("a", 500);
        assertSame();
      }
      for (let count = 0; count < waiting; count++) {
        const { slot } = one;
        const waiter = handOver(one.core.state.ledger, slot, slot.lease, 0);
        assert(waiter);
        other.core.release(other.slot);
        assertSame();
        assertEquals(one.slot.lease, other.slot.lease);
      }
    }
    assertEquals(one.core.take(), []);
  });
}

Deno.test("4.2 nobody joins where the core has something to decide", () => {
  const room = busy(0, { maxConnections: 2 });
  assertEquals(joinIn(room.core, room.key), undefined, "room for a dial");
  const evictable = busy(0, { maxConnections: 2 });
  evictable.core.release(evictable.core.lease("b"));
  assertEquals(
    joinIn(evictable.core, evictable.key),
    undefined,
    "an idle connection of another key",
  );
  const dialling = busy(0, { maxConnections: 2 });
  const unwanted = dialling.core.enqueue("b");
  dialling.core.state.abortFirst(unwanted.cohort, 0);
  assertEquals(
    joinIn(dialling.core, dialling.key),
    undefined,
    "a dial that nobody waits for",
  );
  const served = busy(0, { maxConnections: 4, maxConnectionsPerKey: 2 });
  served.core.state.abortFirst(served.core.enqueue("a").cohort, 0);
  assertEquals(joinIn(served.core, served.key), undefined, "a dial for it");
  const resting = busy(0, { maxConnections: 4, maxConnectionsPerKey: 2 });
  resting.core.release(resting.core.lease("a"));
  assertEquals(joinIn(resting.core, resting.key), undefined, "one is idle");
  const forgotten = busy(0);
  const stranger = new Key<BarePayload>("b", "b");
  assertEquals(
    joinIn(forgotten.core, stranger),
    undefined,
    "a key that the books have let go of",
  );
  const closed = busy(0);
  closed.core.state.close(0, 500);
  assertEquals(joinIn(closed.core, closed.key), undefined, "a closed pool");
  const full = busy(1, { maxWaiting: 5 });
  assertEquals(joinIn(full.core, full.key), undefined, "maxWaiting");
  const failing = busy(1, { maxConnections: 3 });
  failing.core.enqueue("b");
  failing.core.fail(failing.core.dialling("b"));
  assertEquals(
    joinIn(failing.core, failing.key),
    undefined,
    "failures to forget",
  );
  const closing = busy(0, { maxConnections: 2 });
  const other = closing.core.lease("b");
  closing.core.enqueue("a", 500);
  closing.core.state.release(other, other.lease, "discard", 0);
  assertEquals(joinIn(closing.core, closing.key), undefined, "room on its way");
  const fresh = busy(1);
  fresh.core.enqueue("a", 500, true);
  assertEquals(joinIn(fresh.core, fresh.key), undefined, "a fresh waiter");
});

Deno.test("4.2 nothing is handed over where the core has something to decide", () => {
  const tries: [string, ReturnType<typeof busy>][] = [
    ["nobody waits", busy(0)],
  ];
  const doomed = busy(3);
  doomed.core.state.clear(0);
  tries.push(["cleared", doomed]);
  const late = busy(3);
  late.core.now = 500;
  tries.push(["the time of the next is up, and the timer is late", late]);
  const others = busy(3);
  others.core.enqueue("b");
  tries.push(["another key wants to dial", others]);
  const warming = busy(3, { maxConnections: 2 });
  warming.core.state.warm(warming.key, 9, Infinity, "warm", 0);
  tries.push(["somebody warms", warming]);
  const undone = busy(3);
  undone.core.state.ledger.actions.push({ kind: "tick" });
  tries.push(["actions wait to be performed", undone]);
  for (const [why, { core, slot }] of tries) {
    const { ledger } = core.state;
    assertEquals(handOver(ledger, slot, slot.lease, core.now), undefined, why);
  }
  const { core, slot } = busy(3);
  const { ledger } = core.state;
  assertEquals(handOver(ledger, slot, slot.lease - 1, 0), undefined, "I7");
  assert(handOver(ledger, slot, slot.lease, 0));
});

Deno.test("4.2 nobody joins past a failure that has just been recorded, of whatever key", () => {
  const { core, key } = busy(1);
  const other = core.key("b");
  assert(joinIn(core, key), "nothing to forget");
  recordFailure(core.state.ledger, other, {
    isFailing: false,
    attempts: 1,
    rounds: 1,
    failure: undefined,
    retryAt: 0,
    forgetAt: 1,
  });
  assertEquals(joinIn(core, key), undefined, "a record to be forgotten");
});

Deno.test("4.2 what was steady is looked at anew after every change, and may be so again", () => {
  const look = ({ core, slot, key }: ReturnType<typeof busy>) => [
    joinIn(core, key) !== undefined,
    handOver(core.state.ledger, slot, slot.lease, core.now) !== undefined,
  ];
  const others = busy(3);
  assertEquals(look(others), [true, true]);
  const { state } = others.core;
  const stranger = others.core.enqueue("b", 500);
  assertEquals(look(others), [false, false], "another key wants to dial");
  state.abortFirst(stranger.cohort, 0);
  assertEquals(look(others), [true, true]);
  const fresh = others.core.enqueue("a", 500, true);
  assertEquals(look(others), [false, false], "a fresh waiter");
  state.abortFirst(fresh.cohort, 0);
  assertEquals(look(others), [true, true]);
});

Deno.test("4.3 nobody joins, and nothing is handed over, once another key has its first waiter", () => {
  const { core, slot, key } = busy(0, { maxConnections: 2 });
  const { ledger } = core.state;
  const other = core.lease("b");
  assert(joinIn(core, key));
  assert(handOver(ledger, slot, slot.lease, core.now));
  assert(joinIn(core, other.key), "the first of the other key");
  assertEquals(joinIn(core, key), undefined);
  core.enqueue("a", 500);
  assertEquals(handOver(ledger, slot, slot.lease, core.now), undefined);
});

Deno.test("4.2 nothing is handed over to a waiter whose dial is under way", () => {
  const core = new BareCore({ maxConnections: 2 });
  const slot = core.lease("a");
  core.enqueue("a", 500);
  core.take();
  const { ledger } = core.state;
  assertEquals([slot.key.waiting, slot.key.demand], [1, 0]);
  assertEquals(handOver(ledger, slot, slot.lease, core.now), undefined);
});

Deno.test("4.5 nothing is handed over past a redial of the key", () => {
  const core = new BareCore({
    maxConnections: 3,
    maxConnecting: 1,
  });
  const [slot, rotating] = [core.lease("a"), core.lease("a")];
  core.enqueue("c");
  for (let count = 0; count < 3; count++) core.enqueue("a");
  core.take();
  const { ledger } = core.state;
  assert(handOver(ledger, slot, slot.lease, core.now));
  rotate(ledger, rotating);
  core.lose(rotating);
  core.take();
  assertEquals([rotating.redial?.stage, slot.key.failing], [
    "queued",
    undefined,
  ]);
  assertEquals(handOver(ledger, slot, slot.lease, core.now), undefined);
});

Deno.test("4.2 nothing is handed over where the key fails", () => {
  const core = new BareCore({ maxConnections: 2 });
  const [slot, lost] = [core.lease("a"), core.lease("a")];
  for (let count = 0; count < 4; count++) core.enqueue("a");
  const { ledger } = core.state;
  assert(handOver(ledger, slot, slot.lease, core.now));
  core.lose(lost);
  core.advance(100);
  // Its redial is under way: it waits no more, and is not yet known to have succeeded.
  assertEquals([lost.redial?.stage, slot.key.redials.size], ["dialling", 0]);
  core.take();
  assertEquals(handOver(ledger, slot, slot.lease, core.now), undefined);
  core.redialled(lost);
  core.take();
  assert(handOver(ledger, slot, slot.lease, core.now));
});

Deno.test("4.2 who joined is due a time limit after the stamp, in order of arrival", () => {
  const { core, key } = busy(1);
  const waiters = [500, 500, 200].map((timeout) => joinIn(core, key, timeout));
  core.advance(100);
  stamp(core.state.ledger, core.now);
  stamp(core.state.ledger, core.now + 50);
  assertEquals(waiters.map((waiter) => waiter?.cohort.rank), [600, 600, 300]);
  assertEquals(waiters.map((waiter) => waiter?.cohort.since), [100, 100, 100]);
  const refused = ["refuse a timeout"];
  assertEquals(core.advance(199), []);
  assertEquals(core.advance(1), refused);
  assertEquals(core.advance(200), refused, "the first, at 500");
  assertEquals(core.advance(99), []);
  assertEquals(core.advance(1), [...refused, ...refused]);
  const left = waiters.map((waiter) => waiter?.cohort.first);
  assertEquals(left, [undefined, undefined, undefined]);
});

Deno.test("4.7 nothing is due for those who left before they were stamped", () => {
  const { core, key } = busy(1);
  const before = core.state.ledger.deadlines.size;
  const waiters = [joinIn(core, key), joinIn(core, key)];
  for (const waiter of waiters) {
    if (waiter) core.state.abortFirst(waiter.cohort, 0);
  }
  stamp(core.state.ledger, 0);
  assertEquals(core.state.ledger.deadlines.size, before);
});

Deno.test("4.7 a cohort's deadline goes with its last member", () => {
  const { core, key } = busy(1);
  const { deadlines } = core.state.ledger;
  const before = deadlines.size;
  const [one, other] = [joinIn(core, key), joinIn(core, key)];
  assert(one && other);
  stamp(core.state.ledger, 0);
  assertEquals(deadlines.size, before + 1, "one for both");
  core.state.abortFirst(one.cohort, 0);
  assertEquals(deadlines.size, before + 1);
  core.state.abortFirst(other.cohort, 0);
  assertEquals(deadlines.size, before);
});

Deno.test("I5 who is handed a connection leaves the cohort, and keeps nobody", () => {
  const { core, slot, key } = busy(0);
  const { ledger } = core.state;
  const [one, other] = [joinIn(core, key), joinIn(core, key)];
  assert(one && other);
  const { cohort } = one;
  const pass = () => handOver(ledger, slot, slot.lease, 0);
  const ends = () => [cohort.first, cohort.last];
  assertEquals(pass() === one, true);
  assertEquals(ends(), [other, other]);
  assertEquals(one.next, undefined);
  assertEquals(pass() === other, true);
  assertEquals(ends(), [undefined, undefined]);
});
