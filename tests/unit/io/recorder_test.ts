import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { resolveConfig } from "../../../src/config.ts";
import { Key } from "../../../src/core/key.ts";
import { ensureKey } from "../../../src/core/keys.ts";
import { Ledger } from "../../../src/core/ledger.ts";
import type { Payload } from "../../../src/core/slot.ts";
import { Recorder } from "../../../src/io/recorder.ts";
import type { Target } from "../../../src/io/payload.ts";
import type { PoolStats } from "../../../src/stats.ts";

type ShownPayload = Payload & { target: Target };

function ledgerOf(shown: readonly string[]): Ledger<ShownPayload> {
  const ledger = new Ledger<ShownPayload>(resolveConfig({}).limits);
  for (const [index, text] of shown.entries()) {
    const address = {
      url: "wss://h/",
      origin: "wss://h",
      shown: text,
      authorization: undefined,
    };
    const rest = { protocols: [], identity: "", isOwnOrigin: true };
    ensureKey(ledger, String(index), { address, ...rest });
  }
  return ledger;
}

function snapshotOf(ledger: Ledger<ShownPayload>): PoolStats {
  return new Recorder(ledger).snapshot();
}

Deno.test("3.4 a snapshot is frozen", () => {
  const stats = snapshotOf(ledgerOf(["wss://h/"]));
  assert(Object.isFrozen(stats));
  assert(Object.isFrozen(stats.retired));
  assert(Object.isFrozen(stats.acquireWait));
  assert(Object.isFrozen(stats.byKey.get("wss://h/")));
});

Deno.test("3.4 a snapshot does not change with the pool", () => {
  const ledger = ledgerOf(["a"]);
  const stats = snapshotOf(ledger);
  ledger.counters.acquired++;
  ledger.counters.retired.idle++;
  for (const key of ledger.keys.values()) key.connecting++;
  assertEquals(stats.totalAcquired, 0);
  assertEquals(stats.retired.idle, 0);
  assertEquals(stats.byKey.get("a")?.connectingConnections, 0);
});

Deno.test("3.4 a snapshot is taken once, until it is forgotten", () => {
  const ledger = ledgerOf([]);
  const recorder = new Recorder(ledger);
  const first = recorder.snapshot();
  ledger.counters.released++;
  assertStrictEquals(recorder.snapshot(), first);
  recorder.forgetSnapshot();
  assertEquals(recorder.snapshot().totalReleased, 1);
});

Deno.test("3.4 acquires started are those with an outcome and those that wait", () => {
  const ledger = ledgerOf([]);
  Object.assign(ledger.counters, {
    acquired: 1,
    exhausted: 20,
    aborted: 300,
    failed: 4_000,
    closed: 50_000,
  });
  const recorder = new Recorder(ledger);
  recorder.traffic.countSent(30);
  recorder.traffic.countReceived(9);
  recorder.acquireWait.add(5);
  recorder.connectTime.add(80);
  const stats = recorder.snapshot();
  assertEquals(stats.totalAcquireStarted, 54_321);
  assertEquals(stats.totalAcquireFailed, 4_000);
  assertEquals(stats.totalAcquireClosed, 50_000);
  assertEquals([stats.totalMessagesSent, stats.totalBytesSent], [1, 30]);
  assertEquals([stats.totalMessagesReceived, stats.totalBytesReceived], [1, 9]);
  assertEquals(stats.acquireWait.max, 5);
  assertEquals(stats.connectTime.max, 80);
});

Deno.test("3.4 a key's slots are told apart by what they do", () => {
  const ledger = ledgerOf(["a"]);
  const [key] = ledger.keys.values();
  assert(key instanceof Key);
  Object.assign(key, { size: 10, connecting: 1, closing: 2, probing: 3 });
  assertEquals(snapshotOf(ledger).byKey.get("a"), {
    activeConnections: 4,
    idleConnections: 3,
    connectingConnections: 1,
    closingConnections: 2,
    waiting: 0,
  });
});

Deno.test("4.11 keys that look the same get #2, #3", () => {
  const { byKey } = snapshotOf(ledgerOf(["a", "b", "a", "a"]));
  assertEquals([...byKey.keys()], ["a", "b", "a #2", "a #3"]);
});

Deno.test("4.11 no key is lost when redactUrl makes such names itself", () => {
  for (
    const shown of [
      ["a", "a #2", "a"],
      ["a", "a", "a #2"],
      ["a #2", "a #2", "a", "a"],
    ]
  ) {
    const { byKey } = snapshotOf(ledgerOf(shown));
    assertEquals(byKey.size, shown.length, shown.join());
  }
});
