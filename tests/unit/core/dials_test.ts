import { assertEquals } from "@std/assert";
import { BareCore } from "../../support/bare_core.ts";
import { Script } from "./script.ts";

function limitedCore(limit: number): BareCore {
  return new BareCore({ connectRate: { limit, interval: 1_000 } });
}

/** The driver asks for the socket of the key's dial. */
function begin(core: BareCore, name: string): void {
  core.state.dialBegun(core.dialling(name), core.now);
}

Deno.test("3.1 a dial that ends before its socket was asked for leaves its place in connectRate to another", () => {
  const core = limitedCore(1);
  core.enqueue("a");
  core.enqueue("b");
  assertEquals(core.take(), ["dial a"]);
  core.fail(core.dialling("a"));
  assertEquals(core.take(), ["dial b"]);
  begin(core, "b");
  // One that was asked for keeps it, however it ends.
  core.fail(core.dialling("b"));
  assertEquals(core.advance(999), []);
  assertEquals(core.advance(1), ["dial a"]);
});

Deno.test("3.1 so does a dial that another key's took the slot from", () => {
  const core = new BareCore({
    maxConnections: 1,
    connectRate: { limit: 2, interval: 1_000 },
  });
  core.enqueue("a", 10);
  const given = core.dialling("a");
  core.advance(10);
  core.enqueue("b");
  assertEquals(core.take(), ["abort-dial a unwanted"]);
  core.state.closed(given, core.now);
  assertEquals(core.take(), ["dial b"]);
  begin(core, "b");
  const slot = core.dialling("b");
  core.state.opened(slot, core.now, 0);
  core.enqueue("c");
  core.release(slot);
  assertEquals(core.take(), ["grant b", "retire b evicted"]);
  core.state.closed(slot, core.now);
  assertEquals(core.take(), ["dial c"]);
});

Deno.test("3.1 the time of a dial is known once: what opens is not counted again", () => {
  const core = limitedCore(2);
  core.enqueue("a");
  begin(core, "a");
  begin(core, "a");
  core.state.opened(core.dialling("a"), core.now, 0);
  core.enqueue("b");
  core.enqueue("c");
  assertEquals(core.take(), ["dial a", "grant a", "dial b"]);
  begin(core, "b");
  assertEquals(core.advance(1_000), ["dial c"]);
});

Deno.test("3.1 warm goes on when connectRate allows another dial", () => {
  const core = limitedCore(1);
  core.state.warm(core.key("a"), 2, Infinity, "w", core.now);
  assertEquals(core.take(), ["dial a"]);
  begin(core, "a");
  core.state.opened(core.dialling("a"), core.now, 0);
  assertEquals(core.advance(999), []);
  assertEquals(core.advance(1), ["dial a"]);
  core.state.opened(core.dialling("a"), core.now, 0);
  assertEquals(core.take(), ["warmed"]);
});

Deno.test("3.3 what waits for connectRate alone is told so at its deadline", () => {
  const core = limitedCore(1);
  core.lease("a");
  let waitingFor: string | undefined;
  core.enqueue("b", 500);
  core.now = 500;
  core.state.advance(core.now);
  for (const action of core.state.takeActions()) {
    if (action.kind !== "refuse" || action.refusal.kind !== "timeout") continue;
    waitingFor = action.refusal.waitingFor;
  }
  assertEquals(waitingFor, "rate");
  assertEquals(core.state.refuseNow(), "rate");
});

Deno.test("I6 a dial that was given up is answered all the same: its socket is closed", () => {
  new Script({ maxConnections: 1, closeTimeout: 30 }).play(
    ["acquire a", "dial 1 a"],
    ["abort 1"],
    ["acquire b", "abort 1 unwanted"],
    ["opened 1", "hang-up 1"],
    ["closed 1", "dial 2 b"],
    ["abort 2"],
    ["acquire c", "abort 2 unwanted"],
    ["failed 2", "dial 3 c"],
    ["abort 3"],
    ["acquire d", "abort 3 unwanted"],
    ["failed 3 unclosed"],
    ["closed 3", "dial 4 d"],
    ["abort 4"],
    ["acquire e", "abort 4 unwanted"],
    ["at 30", "abandon 4", "dial 5 e"],
    ["opened 4", "hang-up 4"],
    ["failed 4"],
    ["lingerEnded"],
  );
});

Deno.test("I6 a dial that never began leaves nothing", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["abort 1"],
    ["acquire b", "abort 1 unwanted"],
    ["givenUp 1", "dial 2 b"],
    ["givenUp 1"],
  );
});

Deno.test("F3 F4 a dial is ended at connectTimeout, and answered by its failure", () => {
  new Script({ connectTimeout: 20 }).play(
    ["acquire a", "dial 1 a"],
    ["at 19"],
    ["at 20", "abort 1 timeout"],
    ["failed 1 unclosed", "refuse 1 failed 1"],
  );
});

Deno.test("maxLifetime retires at its age, up to 10 % less by chance, and never under a lease", () => {
  new Script({ maxLifetime: 1_000 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["opened 1 spread=0", "grant 1 to 1"],
    ["opened 2 spread=0.5", "grant 2 to 2"],
    ["release 2", "restored"],
    ["at 949"],
    ["at 950", "retire 2 lifetime"],
    ["at 1000", "tick"],
    ["release 1", "retire 1 lifetime"],
  );
});
