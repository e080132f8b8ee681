import { assertEquals } from "@std/assert";
import { Script } from "./script.ts";

Deno.test("4.7 an idle connection is retired after maxIdleTime and at most two ticks, never before", () => {
  new Script({ maxIdleTime: 1_000 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ...Array.from(
      { length: 10 },
      (_, nth) => [`at ${(nth + 1) * 100}`, "tick"] as const,
    ),
    ["at 1100", "retire 1 idle", "tick"],
    ["closed 1"],
    ["at 9999"],
  );
});

Deno.test("4.7 the stamp of a release is the last tick: it is retired a tick later, not earlier", () => {
  new Script({ maxIdleTime: 1_000 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["at 100", "tick"],
    ["skip 199"],
    ["release 1", "restored"],
    ["at 1199", "tick"],
    ["at 1299", "retire 1 idle", "tick"],
  );
});

Deno.test("4.6 idle connections are probed each healthCheckInterval, spread out, a few at once", () => {
  new Script({ healthCheckInterval: 100, maxProbing: 1 }).play(
    ["warm a 3", "dial 1 a", "dial 2 a", "dial 3 a"],
    ["opened 1 spread=0", "rests"],
    ["opened 2 spread=0.99", "rests"],
    ["opened 3 spread=0", "rests", "warmed 1 3"],
    ["at 80", "tick"],
    ["at 90", "tick"],
    ["at 100", "probe 1", "tick"],
    ["probe 1 ok", "probe 2"],
    ["probe 2 ok", "probe 3"],
    ["probe 3 ok"],
    ["at 190", "tick"],
    ["at 200", "probe 1", "tick"],
    ["probe 1 ok", "probe 2"],
  );
});

Deno.test("4.6 a connection that spoke since is not probed", () => {
  new Script({ healthCheckInterval: 100 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["at 50", "tick"],
    ["heard 1"],
    ["at 100", "tick"],
    ["at 149", "tick"],
    ["at 159", "probe 1", "tick"],
  );
});

Deno.test("4.6 a failed probe retires; one that hangs ends at healthCheckTimeout (F54)", () => {
  const script = new Script({ healthCheckInterval: 100 });
  script.play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["opened 1", "rests"],
    ["opened 2", "rests", "warmed 1 2"],
    ["at 100", "probe 1", "probe 2", "tick"],
    ["probe 1 bad", "abort-hook 1", "retire 1 probe"],
    ["probe 1 ok"],
    ["at 149", "tick"],
    ["at 150", "abort-hook 2"],
    ["probe 2 bad", "abort-hook 2", "retire 2 probe"],
  );
  assertEquals(script.state.ledger.counters.healthCheckFailures, 2);
});

Deno.test("F73 a standstill ages no idle connection, and has each probed once", () => {
  new Script({ maxIdleTime: 1_000, healthCheckInterval: 5_000 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["at 100", "tick"],
    ["skip 6200"],
    ["stall 6000"],
    ["at 6250", "probe 1", "tick"],
    ["probe 1 ok"],
    ["at 6350", "tick"],
    // The standstill is taken out of its age, and the probe adds nothing.
    ["at 7050", "tick"],
    ["at 7150", "retire 1 idle", "tick"],
  );
});

Deno.test("F73 a standstill does not age a connection that is being probed", () => {
  new Script({ maxIdleTime: 10_000, healthCheckInterval: 5_000 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["skip 5000"],
    ["at 5000", "probe 1", "tick"],
    ["skip 35000"],
    ["stall 30000"],
    ["probe 1 ok"],
    ["at 35000", "tick"],
    // With the standstill taken out it is not ten seconds and a tick old.
    ["at 39500", "tick"],
    ["at 40600", "retire 1 idle", "tick"],
  );
});

Deno.test("F73 a standstill under a lease: the connection's idle age begins with its release", () => {
  const script = new Script({
    maxIdleTime: 10_000,
    healthCheckInterval: 40_000,
  });
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["skip 30000"],
    ["stall 30000"],
    ["at 30000", "tick"],
    ["release 1", "restored"],
    ["at 40900", "tick"],
    ["at 41900", "retire 1 idle", "tick"],
  );
});

Deno.test("4.7 the tick goes on while a connection is open, also a leased one, and stops after", () => {
  const script = new Script();
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["at 1000", "tick"],
    ["at 2000", "tick"],
    ["release 1 discard", "retire 1 discarded"],
    ["at 3000", "tick"],
    ["at 9000"],
    ["closed 1"],
    // It starts again with the next one.
    ["acquire a", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["at 9999"],
    ["at 10000", "tick"],
  );
});
