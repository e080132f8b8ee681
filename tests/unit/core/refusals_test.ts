import { assertEquals } from "@std/assert";
import { Script } from "./script.ts";

Deno.test("4.2 a failed dial rejects the oldest waiter, and all when no other dial is in flight", () => {
  new Script({ maxConnections: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire a"],
    ["failed 2", "refuse 1 failed 1"],
    ["failed 1", "refuse 2 failed 2", "refuse 3 failed 2"],
  );
});

Deno.test("4.2 a fatal failure rejects all waiters of the key now, and only minDelay applies", () => {
  new Script({ maxConnections: 3 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire b", "dial 3 b"],
    ["failed 1 fatal", "refuse 1 failed 1", "refuse 2 failed 1"],
    ["failed 2 fatal"],
    ["acquire a"],
    ["at 100", "dial 4 a"],
  );
});

Deno.test("4.2 at its deadline a waiter learns of its own dial, else of what was short", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a within=50", "dial 1 a"],
    ["acquire a within=40"],
    ["acquire b within=40"],
    ["at 40", "refuse 2 timeout slot", "refuse 3 timeout slot"],
    ["at 50", "refuse 1 dial-timeout 0"],
    ["opened 1", "rests"],
  );
});

Deno.test("4.2 whose own a dial is goes by the place in both queues of the key", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a within=90", "dial 1 a"],
    ["acquire a fresh within=50"],
    ["at 50", "refuse 2 timeout slot"],
    ["acquire a fresh within=100"],
    ["at 90", "refuse 1 dial-timeout 0"],
    ["at 150", "refuse 3 dial-timeout 0"],
  );
});

Deno.test("4.2 a backoff at the deadline is a dial of the oldest's own", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire a"],
    ["acquire a within=20"],
    ["at 9"],
    ["at 10", "dial 2 a"],
    ["at 20", "refuse 3 timeout slot"],
    ["failed 2", "refuse 2 failed 2"],
    ["acquire a within=400"],
    ["abort 4"],
    // The shortened backoff is the key's, not the newcomer's.
    ["acquire a within=1000"],
    ["abort 5"],
    ["acquire b", "dial 3 b"],
  );
});

Deno.test("4.2 an acquire that may not wait, and one too late, name the short one of two limits", () => {
  const script = new Script({ maxConnections: 2, maxConnecting: 1 });
  script.play(
    ["acquire a within=50", "dial 1 a"],
    ["refuse", "short of dial-slot"],
    ["acquire b within=40"],
    ["at 40", "refuse 2 timeout dial-slot"],
    ["opened 1", "grant 1 to 1"],
    ["acquire a", "dial 2 a"],
    ["refuse", "short of slot"],
  );
  assertEquals(script.state.ledger.counters.exhausted, 3);
});

Deno.test("4.2 maxWaiting counts only those without a slot and without a dial (F51)", () => {
  new Script({ maxConnections: 2, maxConnecting: 1, maxWaiting: 1 }).play(
    ["acquire a", "dial 1 a"],
    // A slot is free for it.
    ["acquire b"],
    ["acquire c"],
    ["acquire d", "refuse 4 queue-full dial-slot"],
    ["opened 1", "grant 1 to 1", "dial 2 b"],
    ["abort 3"],
    ["acquire d"],
  );
});

Deno.test("4.2 maxWaiting 0 fails at once when full, and counts what can be evicted as room", () => {
  new Script({ maxConnections: 2, maxWaiting: 0 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["acquire b", "dial 2 b"],
    ["acquire c", "retire 1 evicted"],
    ["acquire d", "refuse 3 queue-full slot"],
    ["closed 1", "dial 3 c"],
  );
});

Deno.test("4.2 the oldest waiter of a failing key learns of the failure at its deadline", () => {
  new Script({ maxConnecting: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire b", "dial 2 b"],
    ["acquire a within=300"],
    ["acquire a within=310"],
    ["acquire a within=305"],
    ["at 100"],
    ["at 300", "refuse 3 dial-timeout 1"],
    ["at 305", "refuse 5 timeout dial-slot"],
    ["at 310", "refuse 4 dial-timeout 1"],
  );
});
