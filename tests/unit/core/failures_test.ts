import { assertEquals } from "@std/assert";
import { BareCore } from "../../support/bare_core.ts";
import { Script } from "./script.ts";

Deno.test("4.2 jitter shortens the backoff", () => {
  const backoff = {
    minDelay: 100,
    maxDelay: 1_000,
    multiplier: 2,
    jitter: 1,
    resetAfter: 5_000,
  };
  new Script({ backoff }).play(
    ["acquire a", "dial 1 a"],
    ["failed 1 random=0.75", "refuse 1 failed 1"],
    ["acquire a"],
    ["at 24"],
    ["at 25", "dial 2 a"],
  );
});

Deno.test("4.2 failures are forgotten when nobody asks for resetAfter", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["skip 5100"],
    ["acquire a", "dial 2 a"],
    ["failed 2", "refuse 2 failed 1"],
  );
});

Deno.test("4.11 a backoff outlasts no more than half of a newcomer's time", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire a within=60"],
    ["at 29"],
    ["at 30", "dial 2 a"],
    ["acquire a within=2"],
    ["failed 2", "refuse 2 failed 2", "refuse 3 failed 2"],
  );
});

Deno.test("4.2 a failure for which nobody waits any more delays the next dial all the same", () => {
  for (const closed of [true, false]) {
    const core = new BareCore();
    const waiter = core.enqueue("a");
    core.state.abortFirst(waiter.cohort, core.now);
    const slot = core.dialling("a");
    core.fail(slot, false, closed);
    core.take();
    core.enqueue("a");
    assertEquals(core.take(), [], `closed: ${closed}`);
    assertEquals(core.advance(99), []);
    assertEquals(core.advance(1), ["dial a"]);
  }
});

Deno.test("4.2 a success clears the failures in a row", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire a"],
    ["at 100", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["acquire a", "dial 3 a"],
    ["failed 3", "refuse 3 failed 1"],
  );
});

Deno.test("4.2 connections of a key lost together are one failure; one opened since is another", () => {
  const core = new BareCore();
  const slots = Array.from({ length: 5 }, () => core.lease("a"));
  for (const slot of slots) {
    core.lose(slot);
    core.advance(10);
  }
  assertEquals(core.key("a").failing?.attempts, 1);
  // Nor do the later ones put the trial off.
  assertEquals(core.key("a").failing?.retryAt, 100);
  core.advance(50);
  const trial = core.dialling("a");
  core.redialled(trial);
  // Its success lets the others go: four at a time at most.
  assertEquals(core.take().length, 4);
  core.advance(10);
  core.lose(trial);
  assertEquals(core.key("a").failing?.attempts, 2);
});

Deno.test("4.2 dials of a key that began together and fail together are one trial of the host", () => {
  const core = new BareCore({ maxConnecting: 10, maxReconnectAttempts: 0 });
  for (let count = 0; count < 5; count++) core.enqueue("a");
  const slots = [...core.state.ledger.connecting];
  assertEquals(slots.length, 5);
  core.advance(30);
  for (const slot of slots) core.fail(slot);
  assertEquals(core.key("a").failing?.rounds, 1);
  assertEquals(core.key("a").failing?.retryAt, 130);
  core.take();
  core.enqueue("a");
  core.advance(100);
  core.fail(core.dialling("a"));
  assertEquals(core.key("a").failing?.rounds, 2);
});

Deno.test("4.2 a fatal failure among dials that fail together still rejects all, and shortens the backoff", () => {
  const core = new BareCore({ maxConnecting: 10 });
  core.enqueue("a");
  for (let round = 0; round < 4; round++) {
    while (core.state.ledger.handshakes === 0) core.advance(10);
    core.fail(core.dialling("a"));
  }
  core.take();
  while (core.state.ledger.handshakes === 0) core.advance(10);
  core.take();
  core.fail(core.dialling("a"), true);
  assertEquals(core.take(), ["refuse a failed"]);
  assertEquals(core.key("a").failing?.retryAt, core.now + 100);
});

Deno.test("4.2 a connection lost soon after its neighbours is no new failure, though one of them is back", () => {
  const core = new BareCore();
  const [first, second] = [core.lease("a"), core.lease("a")];
  core.advance(1_000);
  core.lose(first);
  core.advance(100);
  core.redialled(first);
  core.take();
  assertEquals(core.key("a").failing, undefined);
  core.lose(second);
  const { failing } = core.key("a");
  assertEquals([failing?.attempts, failing?.rounds], [1, 1]);
  // It has its backoff all the same.
  assertEquals(core.take(), ["reconnecting a lost"]);
  assertEquals(core.advance(99), []);
  assertEquals(core.advance(1), ["redial a"]);
});

Deno.test("F81 a server that breaks off at once, twice, fails; one that held for minDelay does not", () => {
  for (const held of [99, 100]) {
    const core = new BareCore({ maxReconnectAttempts: 0 });
    for (let round = 0; round < 2; round++) {
      const slot = core.lease("a");
      core.advance(held);
      core.state.lost(slot, core.now, true, false, 0);
    }
    const isFailing = core.key("a").failing !== undefined;
    assertEquals(isFailing, held < 100, `${held} ms`);
  }
});
