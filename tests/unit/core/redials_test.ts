import { assertEquals } from "@std/assert";
import { SlotState } from "../../../src/core/slot.ts";
import { BareCore } from "../../support/bare_core.ts";

Deno.test("4.5 a lost lease: reconnecting, then its redial after the backoff; the slot stays leased", () => {
  const core = new BareCore();
  const slot = core.lease("a");
  core.lose(slot);
  assertEquals(core.take(), ["reconnecting a lost"]);
  assertEquals([slot.state, slot.redial?.stage], [SlotState.leased, "queued"]);
  assertEquals(core.advance(99), []);
  assertEquals(core.advance(1), ["redial a"]);
  assertEquals(slot.redial?.stage, "dialling");
  core.redialled(slot);
  assertEquals(slot.redial, undefined);
  assertEquals(slot.lease, 1);
  assertEquals(core.take(), []);
  const { counters } = core.state.ledger;
  assertEquals([counters.reconnects, counters.opened], [1, 1]);
});

Deno.test("4.5 a redial needs no room: it has its slot", () => {
  const core = new BareCore({ maxConnections: 1 });
  const slot = core.lease("a");
  core.enqueue("b");
  core.lose(slot);
  assertEquals(core.advance(100), ["reconnecting a lost", "redial a"]);
});

Deno.test("4.5 a fatal loss, or reconnect off, ends the lease", () => {
  for (const maxReconnectAttempts of [0, Infinity]) {
    const core = new BareCore({ maxReconnectAttempts });
    const slot = core.lease("a");
    const isRetryable = maxReconnectAttempts === 0;
    core.state.lost(slot, core.now, isRetryable, false, 0);
    assertEquals(core.take(), ["lost a"]);
    assertEquals(slot.state, SlotState.gone);
  }
});

Deno.test("4.5 failed redials: growing backoff; maxAttempts or a fatal one ends the lease", () => {
  for (const fatal of [false, true]) {
    const core = new BareCore({ maxReconnectAttempts: 3 });
    const slot = core.lease("a");
    core.lose(slot);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const before = core.now;
      while (slot.redial?.stage !== "dialling") core.advance(10);
      delays.push(core.now - before);
      core.fail(slot, fatal && attempt === 2);
      if (slot.state !== SlotState.leased) break;
    }
    assertEquals(delays, fatal ? [100, 200] : [100, 200, 400]);
    assertEquals(core.take(), ["lost a"]);
    assertEquals(slot.state, SlotState.gone);
    assertEquals(core.state.ledger.slots.size, 0);
  }
});

Deno.test("4.5 given up while the last socket is still open: it is hung up and holds its slot until it closes", () => {
  const core = new BareCore({ maxReconnectAttempts: 1 });
  const slot = core.lease("a");
  core.lose(slot);
  core.advance(100);
  core.fail(slot, false, false);
  assertEquals(core.take(), ["hang-up a", "lost a"]);
  assertEquals(slot.state, SlotState.closing);
  core.state.closed(slot, core.now);
  assertEquals(core.state.ledger.slots.size, 0);
});

Deno.test("4.11 a silent peer's socket is left to itself at once, and counts as lingering until it closes", () => {
  const core = new BareCore();
  const slot = core.lease("a");
  core.silence(slot);
  assertEquals(core.take(), [
    "reconnecting a heartbeat",
    "leave-socket a",
    "redial a",
  ]);
  assertEquals([slot.redial?.stage, core.state.ledger.lingering], [
    "dialling",
    1,
  ]);
  core.state.lingerEnded(core.now);
  assertEquals(core.state.ledger.lingering, 0);
});

Deno.test("4.8 no more sockets linger than maxConnections: a redial waits, and goes on in order as they end", () => {
  const core = new BareCore({ maxConnections: 2 });
  const [first, second] = [core.lease("a"), core.lease("b")];
  for (const slot of [first, second]) core.silence(slot);
  core.advance(100);
  for (const slot of [first, second]) core.redialled(slot);
  for (const slot of [first, second]) core.silence(slot);
  assertEquals([first.redial?.stage, second.redial?.stage], [
    "blocked",
    "blocked",
  ]);
  // They are asked to close: that would free them.
  const asked = core.take().filter((word) => word.startsWith("hang-up"));
  assertEquals(asked, ["hang-up a", "hang-up b"]);
  assertEquals(core.advance(60_000), []);
  core.state.lingerEnded(core.now);
  assertEquals([first.redial?.stage, second.redial?.stage], [
    "dialling",
    "blocked",
  ]);
  assertEquals(core.take(), ["leave-socket a", "redial a"]);
  // The socket for whose sake it waits may close by itself.
  core.lose(second);
  assertEquals(core.take(), ["redial b"]);
  assertEquals(core.state.ledger.lingering, 2);
});

Deno.test("4.5 a dial that ran out of time is aborted; its socket, if still open, lingers", () => {
  const core = new BareCore();
  const slot = core.lease("a");
  core.lose(slot);
  core.advance(100);
  core.take();
  assertEquals(core.advance(5_000), ["abort-dial a timeout"]);
  core.fail(slot, false, false);
  assertEquals(core.take(), ["leave-socket a"]);
  assertEquals([slot.redial?.stage, core.state.ledger.lingering], [
    "queued",
    1,
  ]);
});

Deno.test("4.5 rotation: closed in good order first, then dialled without backoff", () => {
  const core = new BareCore({ maxLifetime: 10_000 });
  const slot = core.lease("a");
  assertEquals(core.advance(10_000), ["reconnecting a rotation", "rotate a"]);
  assertEquals(slot.redial?.stage, "closing");
  core.lose(slot);
  assertEquals(core.take(), ["redial a"]);
  core.redialled(slot);
  assertEquals(core.advance(9_999), []);
  assertEquals(core.advance(1), ["reconnecting a rotation", "rotate a"]);
});

Deno.test("4.5 F29 rotation of a socket that does not close: after closeTimeout it lingers and the redial goes on", () => {
  const core = new BareCore({ maxLifetime: 10_000 });
  const slot = core.lease("a");
  core.advance(12_999);
  assertEquals(slot.redial?.stage, "closing");
  assertEquals(core.advance(1), ["leave-socket a", "redial a"]);
});

Deno.test("4.5 a lease that ends in any stage takes its connection along, and leaves nothing due", () => {
  const stages: [string, (core: BareCore) => ReturnType<BareCore["lease"]>][] =
    [
      ["queued", (core) => {
        const slot = core.lease("a");
        core.lose(slot);
        return slot;
      }],
      ["dialling", (core) => {
        const slot = core.lease("a");
        core.lose(slot);
        core.advance(100);
        return slot;
      }],
      ["blocked", (core) => {
        const slot = core.lease("a");
        core.silence(slot);
        core.advance(100);
        core.redialled(slot);
        core.silence(slot);
        return slot;
      }],
      ["closing", (core) => {
        const slot = core.lease("a");
        core.advance(10_000);
        return slot;
      }],
    ];
  for (const [stage, reach] of stages) {
    const core = new BareCore({ maxConnections: 1, maxLifetime: 10_000 });
    const slot = reach(core);
    assertEquals(slot.redial?.stage, stage);
    core.take();
    core.release(slot);
    const expected = stage === "dialling"
      ? ["abort-dial a unwanted", "retire a lost"]
      : ["retire a lost"];
    assertEquals(core.take(), expected);
    assertEquals(slot.redial, undefined);
    if (stage === "queued") {
      assertEquals(slot.state, SlotState.gone);
    } else {
      assertEquals(slot.state, SlotState.closing);
      core.state.redialFailed(slot, core.now, "x", false, false, 0);
      core.state.closed(slot, core.now);
    }
    const { ledger } = core.state;
    assertEquals([ledger.slots.size, ledger.handshakes], [0, 0]);
    assertEquals(ledger.deadlines.size, 0);
    assertEquals(core.advance(60_000), []);
    assertEquals(core.state.nextAt, Infinity);
    // Nor does it wait for the end of another's socket.
    if (stage === "blocked") core.state.lingerEnded(core.now);
    assertEquals(core.take(), []);
    // And the slot is free for another.
    core.enqueue("b");
    assertEquals(core.take(), ["dial b"]);
  }
});

Deno.test("4.5 the outcome of a redial that is no longer wanted changes nothing but the socket", () => {
  const core = new BareCore();
  const slot = core.lease("a");
  core.lose(slot);
  core.advance(100);
  core.release(slot);
  core.take();
  core.redialled(slot);
  assertEquals(core.take(), ["hang-up a"]);
  assertEquals(core.state.ledger.counters.reconnects, 0);
  assertEquals(slot.state, SlotState.closing);
});

Deno.test("4.5 what becomes of the last socket while the next is wanted or dialled changes nothing", () => {
  const core = new BareCore();
  const slot = core.lease("a");
  core.silence(slot);
  core.advance(0);
  core.take();
  assertEquals(slot.redial?.stage, "dialling");
  core.lose(slot);
  core.silence(slot);
  assertEquals([slot.redial?.stage, core.take()], ["dialling", []]);
  core.fail(slot);
  assertEquals(slot.redial?.stage, "queued");
  core.lose(slot);
  core.silence(slot);
  assertEquals([slot.redial?.stage, core.take()], ["queued", []]);
  assertEquals(core.key("a").failing?.attempts, 1);
  // Nor is anything asked of one that nobody holds.
  const other = core.lease("b");
  core.release(other);
  core.silence(other);
  assertEquals([other.state, core.take()], [SlotState.idle, []]);
});

Deno.test("4.6 with reconnect off, a silent peer's lease ends and its socket is closed", () => {
  const core = new BareCore({ maxReconnectAttempts: 0 });
  const slot = core.lease("a");
  core.silence(slot);
  assertEquals(core.take(), ["hang-up a", "lost a"]);
  assertEquals(slot.state, SlotState.closing);
  const { counters, slots } = core.state.ledger;
  assertEquals(counters.retired.lost, 1);
  core.state.closed(slot, core.now);
  assertEquals(slots.size, 0);
});

Deno.test("4.5 a redial that nobody wants and that leaves no socket frees its slot", () => {
  const core = new BareCore({ maxConnections: 1 });
  const slot = core.lease("a");
  core.lose(slot);
  core.advance(100);
  core.release(slot);
  core.enqueue("b");
  assertEquals(core.take(), ["abort-dial a unwanted", "retire a lost"]);
  core.state.redialFailed(slot, core.now, "aborted", false, true, 0);
  assertEquals(slot.state, SlotState.gone);
  assertEquals(core.take(), ["dial b"]);
  // Aborted by the lease that ended, it says nothing of the host.
  assertEquals(core.state.ledger.counters.connectFailures, 0);
});

Deno.test("4.4 a connection that spoils between two sockets goes, in whatever stage", () => {
  const core = new BareCore();
  const queued = core.lease("a");
  core.lose(queued);
  core.take();
  core.state.spoiled(queued, core.now);
  assertEquals(core.take(), ["retire a discarded"]);
  assertEquals(queued.state, SlotState.gone);
  const dialled = core.lease("b");
  core.lose(dialled);
  core.advance(100);
  core.state.spoiled(dialled, core.now);
  assertEquals(core.take(), ["abort-dial b unwanted", "retire b discarded"]);
  assertEquals(core.state.ledger.counters.retired.discarded, 2);
});

Deno.test("4.5 closeTimeout Infinity: a rotation waits for its old socket as long as it takes", () => {
  const core = new BareCore({ maxLifetime: 1_000, closeTimeout: Infinity });
  const slot = core.lease("a");
  assertEquals(core.advance(1_000), ["reconnecting a rotation", "rotate a"]);
  assertEquals(core.advance(1_000_000), []);
  assertEquals(slot.redial?.stage, "closing");
  core.lose(slot);
  assertEquals(core.take(), ["redial a"]);
});

Deno.test("4.8 close ends a lease between two sockets at once: there is nothing to drain", () => {
  for (const stage of ["queued", "dialling"]) {
    const core = new BareCore();
    const slot = core.lease("a");
    core.lease("b");
    core.lose(slot);
    if (stage === "dialling") core.advance(100);
    core.take();
    assertEquals(slot.redial?.stage, stage);
    const lease = slot.lease;
    core.state.close(core.now, 5_000);
    assertEquals(
      core.take(),
      stage === "queued"
        ? ["revoke a", "retire a closed"]
        : ["revoke a", "abort-dial a unwanted", "retire a closed"],
    );
    // Its number is dead (I7).
    core.state.release(slot, lease, "reuse", core.now);
    const { counters } = core.state.ledger;
    assertEquals([counters.released, counters.retired.closed], [0, 1]);
  }
});
