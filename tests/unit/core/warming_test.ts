import { Script } from "./script.ts";

Deno.test("warm tops idle connections up, and says how many there are", () => {
  new Script().play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["opened 1", "rests"],
    ["opened 2", "rests", "warmed 1 2"],
    ["warm a 1", "warmed 2 2"],
    ["warm a 3", "dial 3 a"],
    ["opened 3", "rests", "warmed 3 3"],
  );
});

Deno.test("warm counts one under probe as idle", () => {
  new Script({ healthCheckInterval: 100 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["at 100", "probe 1", "tick"],
    ["warm a 1", "warmed 2 1"],
  );
});

Deno.test("warm never evicts or queues: it ends with what there is room for", () => {
  new Script({ maxConnections: 2 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["warm b 3", "dial 2 b"],
    ["opened 2", "rests", "warmed 2 1"],
    ["warm c 1", "warmed 3 0"],
  );
});

Deno.test("warm waits for a handshake, and for its dials in flight", () => {
  new Script({ maxConnecting: 1 }).play(
    ["warm a 2", "dial 1 a"],
    ["acquire b", "abort 1 unwanted", "dial 2 b"],
    ["closed 1"],
    ["opened 2", "grant 2 to 1", "dial 3 a"],
    ["opened 3", "rests", "dial 4 a"],
    ["opened 4", "rests", "warmed 1 2"],
  );
});

Deno.test("warm dials for those who wait are theirs", () => {
  new Script().play(
    ["warm a 1", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "rests", "warmed 1 1"],
  );
});

Deno.test("4.3 warm takes no more than a key's share while others want to dial", () => {
  new Script({ maxConnections: 9, maxConnecting: 3 }).play(
    ["acquire b", "dial 1 b"],
    ["acquire c", "dial 2 c"],
    ["acquire a", "dial 3 a"],
    ["acquire b"],
    ["acquire a"],
    ["warm a 1"],
    ["opened 2", "grant 2 to 2"],
    ["opened 1", "grant 1 to 1", "dial 4 b", "dial 5 a"],
    ["opened 3", "grant 3 to 3", "dial 6 a"],
  );
});

Deno.test("a failed dial ends the warms of its key, and nobody else's", () => {
  new Script().play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["warm b 1", "dial 3 b"],
    ["opened 1", "rests"],
    ["failed 2", "warmed 1 1"],
    ["warm a 2", "warmed 3 1"],
    ["opened 3", "rests", "warmed 2 1"],
  );
});

Deno.test("warm ends at its time, or when it is ended, once; its dials go on", () => {
  new Script({ maxConnections: 2 }).play(
    ["warm a 1 within=50", "dial 1 a"],
    ["warm b 1", "dial 2 b"],
    ["at 49"],
    ["at 50", "warmed 1 0"],
    ["endWarm 1"],
    ["endWarm 2", "warmed 2 0"],
    ["endWarm 2"],
    ["opened 1", "rests"],
    ["acquire a", "took 1"],
  );
});

Deno.test("warm that has a time ends early without a trace", () => {
  new Script().play(
    ["warm a 1 within=50", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["at 60"],
  );
});
