import { assertEquals } from "@std/assert";
import { Script } from "./script.ts";

Deno.test("4.3 a key that could dial is overtaken maxConnections times, then a slot is converted", () => {
  new Script({ maxConnections: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["acquire b"],
    ["acquire a"],
    ["acquire a"],
    ["acquire a"],
    ["release 1", "grant 1 to 4"],
    ["release 1", "grant 1 to 5"],
    ["release 1", "retire 1 evicted"],
    // Room is on its way: nobody else has to give way.
    ["release 2", "grant 2 to 6"],
    ["closed 1", "dial 3 b"],
  );
});

Deno.test("4.3 a connection that has just opened may be the one to be converted", () => {
  new Script({ maxConnections: 1, maxConnecting: 1 }).play(
    ["acquire c", "dial 1 c"],
    ["opened 1", "grant 1 to 1"],
    ["acquire b"],
    ["acquire a"],
    ["acquire c"],
    ["release 1", "grant 1 to 4"],
    ["acquire b"],
    ["release 1", "retire 1 evicted"],
    ["closed 1", "dial 2 b"],
    ["abort 2"],
    ["opened 2", "retire 2 evicted"],
    ["closed 2", "dial 3 a"],
  );
});

Deno.test("4.3 an older waiter for a fresh connection of the same key hides nobody", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a fresh"],
    ["acquire b"],
    ["acquire a"],
    ["acquire a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1", "grant 1 to 4"],
    ["release 1", "retire 1 evicted"],
    ["closed 1", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["release 2", "retire 2 evicted"],
    ["closed 2", "dial 3 b"],
  );
});

Deno.test("4.3 nothing is converted for a key that holds its share of the handshakes", () => {
  new Script({ maxConnections: 2, maxConnecting: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["acquire b", "dial 2 b"],
    ["acquire b"],
    ["acquire a"],
    ["acquire a"],
    ["acquire a"],
    ["acquire a"],
    ["release 1", "grant 1 to 4"],
    ["release 1", "grant 1 to 5"],
    ["release 1", "grant 1 to 6"],
    // Its dial is answered: from here on it could have another.
    ["opened 2", "grant 2 to 2"],
    ["release 1", "grant 1 to 7"],
  );
});

Deno.test("4.3 nothing is converted for a key in backoff", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire b", "dial 1 b"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire a", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["acquire b"],
    ["acquire a"],
    ["acquire a"],
    ["release 2", "grant 2 to 4"],
    ["release 2", "grant 2 to 5"],
    ["at 100"],
    ["acquire a"],
    ["acquire a"],
    ["release 2", "grant 2 to 6"],
    ["release 2", "retire 2 evicted"],
  );
});

Deno.test("fresh takes only a never-leased connection, and such a one goes to the oldest", () => {
  const script = new Script({ maxConnections: 2 });
  script.play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["acquire a fresh", "took 1"],
    ["acquire a", "dial 2 a"],
    ["acquire a fresh"],
    ["acquire a"],
    ["release 1", "grant 1 to 1"],
    ["release 1", "grant 1 to 3"],
    ["opened 2", "grant 2 to 2"],
  );
  assertEquals(script.state.ledger.counters.acquiredUnused, 2);
});

Deno.test("fresh finds the never-leased one among the used", () => {
  new Script().play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["opened 1", "rests"],
    ["opened 2", "rests", "warmed 1 2"],
    ["acquire a", "took 2"],
    ["release 2", "restored"],
    ["acquire a fresh", "took 1"],
    ["acquire a fresh", "dial 3 a"],
  );
});

Deno.test("4.3 nothing is converted where there is room", () => {
  new Script({ maxConnections: 3, maxConnecting: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["acquire c", "dial 2 c"],
    ["acquire b"],
    ["acquire a"],
    ["acquire a"],
    ["acquire a"],
    ["acquire c"],
    ["release 1", "grant 1 to 4"],
    ["release 1", "grant 1 to 5"],
    ["release 1", "grant 1 to 6"],
    ["abort 2"],
    ["opened 2", "grant 2 to 7", "dial 3 b"],
  );
});

Deno.test("4.4 a reset comes between two leases; one that fails discards", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["acquire a"],
    ["release 1 reset", "reset 1"],
    ["reset 1 ok", "grant 1 to 2"],
    ["release 1 reset", "reset 1"],
    ["reset 1 ok"],
    ["acquire a", "took 1"],
    ["release 1 reset", "reset 1"],
    ["reset 1 bad", "abort-hook 1", "retire 1 discarded"],
    ["reset 1 ok"],
  );
});

Deno.test("F54 a reset ends at resetTimeout, by its own outcome", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 reset", "reset 1"],
    ["at 49"],
    ["at 50", "abort-hook 1"],
    ["reset 1 bad", "abort-hook 1", "retire 1 discarded"],
  );
});

Deno.test("a connection past its lifetime is not reset first", () => {
  new Script({ maxLifetime: 1_000 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["at 1000", "tick"],
    ["release 1 reset", "retire 1 lifetime"],
  );
});

Deno.test("F52 a lease that lasts longer than leakThreshold is told of once", () => {
  new Script({ leakThreshold: 40 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["at 40", "leak 1"],
    ["at 500"],
    ["release 1"],
    ["acquire a", "took 1"],
    ["release 1"],
    ["at 999"],
  );
});

Deno.test("4.11 a waiter waits for a probe that holds the only slot", () => {
  new Script({ maxConnections: 1, healthCheckInterval: 100 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["at 100", "probe 1", "tick"],
    ["acquire a"],
    ["probe 1 ok", "grant 1 to 1"],
  );
});
