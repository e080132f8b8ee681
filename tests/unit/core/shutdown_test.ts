import { assertEquals } from "@std/assert";
import { Script } from "./script.ts";

Deno.test("I9 an unused pool closes at once", () => {
  const script = new Script();
  script.play(["close", "closed 0 0"]);
  assertEquals(script.state.nextAt, Infinity);
});

Deno.test("4.8 close: waiters are refused, dials aborted, everything without a lease goes", () => {
  const script = new Script({ maxConnections: 5, healthCheckInterval: 100 });
  script.play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["opened 1", "rests"],
    ["opened 2", "rests", "warmed 1 2"],
    ["at 100", "probe 1", "probe 2", "tick"],
    ["probe 1 ok"],
    ["acquire b", "dial 3 b"],
    ["opened 3", "grant 3 to 1"],
    ["release 3 reset", "reset 3"],
    ["acquire c", "dial 4 c"],
    ["failed 4", "refuse 2 failed 1"],
    ["acquire c within=1000"],
    ["acquire d", "dial 5 d"],
    ["acquire d", "dial 6 d"],
    ["warm e 1", "warmed 2 0"],
    [
      "close",
      "refuse 3 closed",
      "refuse 4 closed",
      "refuse 5 closed",
      "abort 5 unwanted",
      "abort 6 unwanted",
      "retire 1 closed",
      "abort-hook 2",
      "retire 2 closed",
      "abort-hook 3",
      "retire 3 closed",
    ],
    ["opened 5", "hang-up 5"],
    ["failed 6"],
    ["closed 1"],
    ["closed 2"],
    ["closed 3"],
    ["closed 5", "closed 0 0"],
  );
  const { ledger, nextAt } = script.state;
  assertEquals([nextAt, ledger.keys.size, ledger.slots.size], [Infinity, 0, 0]);
});

Deno.test("4.8 a pending warm ends with the pool", () => {
  new Script({ maxConnecting: 1 }).play(
    ["warm a 1", "dial 1 a"],
    ["close", "warmed 1 0", "abort 1 unwanted"],
    ["failed 1", "closed 0 0"],
  );
});

Deno.test("4.8 leases have drainTimeout, then they are revoked; `drained` and `forced` count them", () => {
  const script = new Script();
  script.play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire a", "dial 3 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["opened 3", "grant 3 to 3"],
    ["close drain=50"],
    ["release 1 reset", "retire 1 closed"],
    ["release 2 discard", "retire 2 discarded"],
    ["at 49"],
    ["at 50", "revoke 3 1", "retire 3 closed"],
    ["release 3 lease=1"],
    ["closed 1"],
    ["closed 2"],
    ["closed 3", "closed 2 1"],
  );
  // The revoked lease's number is dead (I7).
  assertEquals(script.state.ledger.counters.released, 2);
});

Deno.test("4.8 a pool that has drained early leaves no deadline (I9)", () => {
  const script = new Script();
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["close drain=50"],
    ["release 1", "retire 1 closed"],
    ["closed 1", "closed 1 0"],
  );
  assertEquals(script.state.nextAt, Infinity);
});

Deno.test("4.8 nobody waits for connectRate after close (I9)", () => {
  const script = new Script({ connectRate: { limit: 1, interval: 1_000 } });
  script.play(
    ["acquire a", "dial 1 a"],
    ["begun 1"],
    ["acquire b"],
  );
  assertEquals(script.state.nextAt, 1_000);
  script.play(
    ["close", "refuse 1 closed", "refuse 2 closed", "abort 1 unwanted"],
    ["failed 1", "closed 0 0"],
  );
  assertEquals(script.state.nextAt, Infinity);
});

Deno.test("4.8 drainTimeout 0 revokes at once, Infinity never", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["close", "revoke 1 1", "retire 1 closed"],
    ["closed 1", "closed 0 1"],
  );
  const patient = new Script();
  patient.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["close drain=Infinity"],
    ["at 1000", "tick"],
  );
  assertEquals(patient.state.nextAt, 2_000);
});

Deno.test("4.8 F29 close resolves although sockets never answer, and however many linger", () => {
  const script = new Script({ maxConnections: 1, closeTimeout: 30 });
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 discard", "retire 1 discarded"],
    ["at 30", "abandon 1"],
    ["acquire a", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["release 2 discard", "retire 2 discarded"],
    ["at 60"],
    ["close", "abandon 2", "closed 0 0"],
  );
  const other = new Script({ maxConnections: 1, closeTimeout: 30 });
  other.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 discard", "retire 1 discarded"],
    ["at 30", "abandon 1"],
    ["acquire a", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["close", "revoke 2 1", "retire 2 closed"],
    ["at 60", "abandon 2", "closed 0 1"],
  );
  assertEquals(other.state.ledger.lingering, 2);
});
