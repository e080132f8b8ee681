import { assertEquals } from "@std/assert";
import { SlotState } from "../../../src/core/slot.ts";
import { BareCore } from "../../support/bare_core.ts";

Deno.test("4.7 each deadline has one meaning: waiter", () => {
  const core = new BareCore({ maxConnections: 1 });
  core.lease("a");
  core.enqueue("a", 500);
  assertEquals(core.advance(499), []);
  assertEquals(core.advance(1), ["refuse a timeout"]);
});

Deno.test("4.7 each deadline has one meaning: a warm", () => {
  const core = new BareCore();
  core.state.warm(core.key("a"), 2, 500, "warm", core.now);
  assertEquals(core.take(), ["dial a", "dial a"]);
  assertEquals(core.advance(500), ["warmed"]);
});

Deno.test("4.7 each deadline has one meaning: a dial", () => {
  const core = new BareCore();
  core.enqueue("a");
  core.take();
  assertEquals(core.advance(4_999), []);
  assertEquals(core.advance(1), ["abort-dial a timeout"]);
});

Deno.test("4.7 each deadline has one meaning: a reset, a probe", () => {
  const core = new BareCore({ healthCheckInterval: 1_000 });
  const slot = core.lease("a");
  core.state.release(slot, slot.lease, "reset", core.now);
  core.take();
  const reset = core.advance(2_000);
  assertEquals(reset, ["abort-hook a"]);
  core.state.resetDone(slot, true, core.now);
  assertEquals(slot.state, SlotState.idle);
  core.take();
  const words = core.advance(3_000);
  assertEquals(words, ["probe a", "abort-hook a"]);
});

Deno.test("4.7 each deadline has one meaning: a close", () => {
  const core = new BareCore();
  const slot = core.lease("a");
  core.state.release(slot, slot.lease, "discard", core.now);
  assertEquals(core.take(), ["retire a discarded"]);
  assertEquals(core.advance(3_000), ["abandon a"]);
});

Deno.test("4.7 each deadline has one meaning: a lease that leaks", () => {
  const core = new BareCore({ leakThreshold: 700 });
  core.lease("a");
  assertEquals(core.advance(700), ["leak a"]);
});

Deno.test("4.7 each deadline has one meaning: a lifetime, by the state the slot is in", () => {
  const idle = new BareCore({ maxLifetime: 5_000 });
  const slot = idle.lease("a");
  idle.release(slot);
  const words = idle.advance(5_000);
  assertEquals(words, ["retire a lifetime"]);

  const leased = new BareCore({ maxLifetime: 5_000, maxReconnectAttempts: 0 });
  const held = leased.lease("a");
  assertEquals(leased.advance(5_000), []);
  leased.release(held);
  assertEquals(leased.take(), ["retire a lifetime"]);

  const rotated = new BareCore({ maxLifetime: 5_000 });
  rotated.lease("a");
  assertEquals(rotated.advance(5_000), [
    "reconnecting a rotation",
    "rotate a",
  ]);
});

Deno.test("4.7 a lifetime that ends between two sockets does not begin a second reconnect", () => {
  const core = new BareCore({ maxLifetime: 5_000 });
  const slot = core.lease("a");
  core.advance(4_950);
  core.lose(slot);
  assertEquals(core.advance(100), [
    "reconnecting a lost",
    "redial a",
  ]);
  core.redialled(slot);
  assertEquals(slot.doom, undefined);
  core.release(slot);
  assertEquals(slot.state, SlotState.idle);
});

Deno.test("4.7 each deadline has one meaning: a backoff, a rate", () => {
  const failing = new BareCore();
  failing.enqueue("a");
  failing.fail(failing.dialling("a"));
  failing.take();
  assertEquals(failing.advance(100), ["dial a"]);

  const limited = new BareCore({ connectRate: { limit: 1, interval: 900 } });
  limited.enqueue("a");
  limited.enqueue("b");
  limited.enqueue("c");
  limited.take();
  const begin = (key: string) =>
    limited.state.dialBegun(limited.dialling(key), limited.now);
  begin("a");
  for (const next of ["b", "c"]) {
    assertEquals(limited.advance(899), []);
    assertEquals(limited.advance(1), [`dial ${next}`]);
    begin(next);
  }
});

Deno.test("4.7 each deadline has one meaning: the end of a drain", () => {
  const core = new BareCore();
  core.lease("a");
  core.state.close(core.now, 800);
  core.take();
  assertEquals(core.advance(800), [
    "revoke a",
    "retire a closed",
  ]);
});
