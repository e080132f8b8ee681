import { assertEquals, assertStrictEquals } from "@std/assert";
import { refresh, unreserved } from "../../../src/core/queue.ts";
import { BareCore } from "../../support/bare_core.ts";
import { Script } from "./script.ts";

Deno.test("maxWaiting counts a key's own limit too", () => {
  new Script({ maxConnectionsPerKey: 1, maxWaiting: 0 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "refuse 2 queue-full slot"],
    ["acquire b", "dial 2 b"],
    ["opened 1", "grant 1 to 1"],
    ["release 1"],
    // Its own idle one gives way.
    ["acquire a fresh", "retire 1 evicted"],
    ["acquire a", "refuse 5 queue-full slot"],
  );
});

Deno.test("maxWaiting counts anew when an idle connection is taken or probed", () => {
  const limits = {
    maxConnectionsPerKey: 1,
    maxConnecting: 1,
    maxWaiting: 1,
    healthCheckInterval: 100,
  };
  const script = new Script(limits);
  const blocked = () => unreserved(script.state.ledger, Infinity);
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["acquire b", "dial 2 b"],
    ["acquire a fresh"],
  );
  assertEquals(blocked(), 1);
  script.play(["release 1"]);
  assertEquals(blocked(), 0);
  script.play(["acquire a", "took 1"]);
  assertEquals(blocked(), 1);
  script.play(["release 1"], ["at 100", "probe 1", "tick"]);
  assertEquals(blocked(), 1);
});

Deno.test("maxWaiting counts a closing connection as room", () => {
  new Script({ maxConnectionsPerKey: 1, maxWaiting: 0 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 discard", "retire 1 discarded"],
    ["acquire a"],
    ["acquire a", "refuse 3 queue-full slot"],
  );
});

Deno.test("maxWaiting refuses nobody for whom a dial is in flight, even when others are too many", () => {
  new Script({ maxConnectionsPerKey: 1, maxConnecting: 1, maxWaiting: 0 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1", "restored"],
    ["acquire b", "dial 2 b"],
    ["acquire a fresh"],
    ["acquire a", "took 1"],
    ["abort 2"],
    ["acquire b"],
  );
});

Deno.test("4.3 the key of the longest waiting comes first of those that could dial", () => {
  const core = new BareCore({ maxConnections: 1, maxConnectionsPerKey: 1 });
  const { dialable } = core.state.ledger;
  const slot = core.lease("a");
  assertEquals(dialable.size, 0);
  // At its own limit it could not dial if there were room.
  core.enqueue("a");
  assertEquals(dialable.size, 0);
  const [one, other] = ["b", "c"].map((name) => core.enqueue(name));
  core.enqueue("b");
  assertEquals(dialable.size, 2);
  assertStrictEquals(dialable.first, one?.cohort.key);
  assertEquals(dialable.first?.rank, one?.sequence);
  if (one !== undefined) core.state.abortFirst(one.cohort, core.now);
  assertStrictEquals(dialable.first, other?.cohort.key);
  assertEquals(dialable.first?.rank, other?.sequence);
  // The first of all had only its own limit in its way. Who has a dial is out.
  core.state.release(slot, slot.lease, "discard", core.now);
  assertStrictEquals(dialable.first, other?.cohort.key);
  core.state.closed(slot, core.now);
  assertEquals(core.take(), ["retire a discarded", "dial a"]);
  assertEquals([slot.key.heapIndex, dialable.size], [-1, 2]);
});

Deno.test("4.2 a failing key that somebody waits for has one wake, at the end of its backoff", () => {
  const core = new BareCore({ maxReconnectAttempts: 0 });
  core.enqueue("a");
  core.fail(core.dialling("a"));
  const key = core.key("a");
  const { deadlines } = core.state.ledger;
  const due = () => [key.wake?.rank, deadlines.size];
  assertEquals(due(), [undefined, 0], "nobody waits");
  const waiter = core.enqueue("a");
  assertEquals(due(), [100, 1]);
  core.enqueue("a", 1_000);
  assertEquals(due(), [100, 2], "the second has its own deadline");
  core.enqueue("a", 60);
  assertEquals(due(), [30, 3], "the backoff is cut short (4.11)");
  core.state.abortFirst(waiter.cohort, core.now);
  assertEquals(due(), [30, 3], "others wait");
  core.take();
  assertEquals(core.advance(30), ["dial a"]);
  assertEquals(due(), [undefined, 3], "the trial has its own deadline");
});

Deno.test("I8 a wake that is due and has not rung outlasts a look at the books", () => {
  const core = new BareCore();
  core.enqueue("a", 900);
  core.fail(core.dialling("a"));
  const { ledger } = core.state;
  const key = core.key("a");
  assertEquals(key.wake?.rank, 100);
  // As a hand-over moves the time on: it rings nothing.
  ledger.now = 101;
  refresh(ledger, key);
  assertEquals([key.wake?.heapIndex, key.wake?.rank], [0, 100]);
});

Deno.test("a failing key's wake goes with the last who waited", () => {
  const core = new BareCore({ maxReconnectAttempts: 0 });
  core.enqueue("a");
  core.fail(core.dialling("a"));
  const key = core.key("a");
  const waiter = core.enqueue("a");
  assertEquals(key.wake?.rank, 100);
  core.state.abortFirst(waiter.cohort, core.now);
  assertEquals(key.wake, undefined);
  assertEquals(core.state.nextAt, Infinity);
});
