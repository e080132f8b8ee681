import { assertEquals } from "@std/assert";
import { unreserved } from "../../../src/core/queue.ts";
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
