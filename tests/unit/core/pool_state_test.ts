import { assert, assertEquals } from "@std/assert";
import { Script } from "./script.ts";

Deno.test("4.2 acquire: the newest idle connection, else a dial", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["release 1", "restored"],
    ["release 2", "restored"],
    ["acquire a", "took 2"],
    ["acquire a", "took 1"],
  );
});

Deno.test("4.2 a dial belongs to the pool: it serves the next waiter, or rests", () => {
  new Script({ maxConnections: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire a"],
    ["abort 1"],
    ["opened 1", "grant 1 to 2"],
    ["abort 3"],
    ["opened 2", "rests"],
    ["acquire a", "took 2"],
  );
});

Deno.test("4.2 at maxConnections the least recently used idle connection of another key gives way", () => {
  new Script({ maxConnections: 2 }).play(
    ["warm a 1", "dial 1 a"],
    ["warm b 1", "dial 2 b"],
    ["opened 1", "rests", "warmed 1 1"],
    ["opened 2", "rests", "warmed 2 1"],
    ["acquire a", "took 1"],
    ["release 1", "restored"],
    ["acquire c", "retire 2 evicted"],
    ["closed 2", "dial 3 c"],
  );
});

Deno.test("I4 (4.3) grants of a key leave in queue order", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a"],
    ["acquire a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1", "grant 1 to 2"],
    ["release 1", "grant 1 to 3"],
    ["release 1", "restored"],
  );
});

Deno.test("I7 a dead lease number changes nothing (F39)", () => {
  const script = new Script();
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 lease=1", "restored"],
    ["release 1 lease=1"],
    ["release 1 lease=1 discard"],
    ["acquire a", "took 1"],
    ["release 1 lease=1"],
    ["release 1 lease=1 discard"],
    ["release 1 lease=3", "restored"],
  );
  assertEquals(script.state.ledger.counters.released, 2);
});

Deno.test("F44 a connection lost while leased is gone at once; its release is harmless", () => {
  const script = new Script({ maxConnections: 1 });
  script.play(
    ["acquire a", "dial 1 a"],
    ["acquire b"],
    ["opened 1", "grant 1 to 1"],
    ["lost 1", "lost 1", "dial 2 b"],
    ["lost 1"],
    ["release 1"],
    ["release 1 lease=1"],
    ["closed 1"],
  );
  assertEquals(script.state.ledger.counters.released, 1);
});

Deno.test("4.11 clear: idle ones now, leased ones on release, dials on arrival, backoffs never were", () => {
  new Script({ maxConnections: 3 }).play(
    ["acquire b", "dial 1 b"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire b"],
    ["acquire a", "dial 2 a"],
    ["acquire a", "dial 3 a"],
    ["opened 2", "grant 2 to 3"],
    ["opened 3", "grant 3 to 4"],
    ["release 2"],
    ["acquire c", "dial 4 c"],
    ["clear", "retire 2 cleared"],
    ["closed 2", "dial 5 b"],
    ["release 3 reset", "retire 3 cleared"],
    ["opened 4", "retire 4 cleared"],
    ["closed 4", "dial 6 c"],
  );
});

Deno.test("4.11 clear wakes a failing key at once", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire a"],
    ["clear", "dial 2 a"],
  );
});

Deno.test("4.7 nothing is due before the first acquire, nor when nothing is open", () => {
  const script = new Script({ closeTimeout: 30 });
  assertEquals(script.state.nextAt, Infinity);
  assert(!script.state.hasActions);
  script.play(["acquire a", "dial 1 a"]);
  assertEquals(script.state.nextAt, Infinity);
  script.play(["opened 1", "grant 1 to 1"], ["lost 1", "lost 1"]);
  script.play(["at 1000", "tick"]);
  assertEquals(script.state.nextAt, Infinity);
});

Deno.test("abort settles a waiter once; afterwards it is a no-op (F36)", () => {
  const script = new Script({ maxConnections: 1 });
  script.play(
    ["acquire a within=50", "dial 1 a"],
    ["acquire a within=50"],
  );
  const { ledger } = script.state;
  assertEquals(ledger.waiting, 2);
  script.play(
    ["abort 2"],
    ["abort 2"],
  );
  assertEquals(ledger.waiting, 1);
  script.play(
    ["opened 1", "grant 1 to 1"],
    ["abort 1"],
    ["release 1", "restored"],
    ["at 60"],
  );
  assertEquals([ledger.counters.aborted, ledger.waiting], [1, 0]);
});

Deno.test("F38 a deadline and a grant at the same moment: one outcome, no lost slot", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["acquire a within=50"],
    ["at 50", "refuse 2 timeout slot"],
    ["release 1", "restored"],
    ["acquire a", "took 1"],
  );
});

Deno.test("a failure record that is forgotten takes no waiter along", () => {
  const script = new Script();
  script.play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["skip 6000"],
    ["acquire a", "dial 2 a"],
  );
  const { keys } = script.state.ledger;
  assertEquals([...keys.keys()], ["a"]);
  script.play(["close", "refuse 2 closed", "abort 2 unwanted"]);
});
