import type { ResolvedClose } from "../call_options.ts";
import type { Action, Refusal, RetireReason } from "../core/actions.ts";
import { type Slot, SlotState } from "../core/slot.ts";
import type { Waiter } from "../core/waiter.ts";
import type { Warmer } from "../core/warmer.ts";
import type { CloseReport } from "../stats.ts";
import type { Announcer } from "./announcer.ts";
import { Connection, poolClosed } from "./connection.ts";
import { toConnectError } from "./dial_failure.ts";
import type { Driver } from "./driver.ts";
import { Handles } from "./handles.ts";
import type { IoPayload } from "./payload.ts";
import { toDialTimeoutError, toExhaustedError } from "./refusal_error.ts";

/** A normal closure (RFC 6455, section 7.4.1). */
const NORMAL = 1_000;

/** Performs the core's actions, in order, and reports the outcomes back. */
export class Performer<Incoming, Outgoing> {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #announcer: Announcer;
  readonly #random: () => number;
  readonly #handles: Handles<IoPayload<Incoming, Outgoing>>;
  /** Abandoned connections whose sockets may yet close. */
  readonly lingering: Set<Connection<Incoming, Outgoing>> = new Set();
  readonly #resets: Map<
    Slot<IoPayload<Incoming, Outgoing>>,
    PromiseWithResolvers<void>
  > = new Map();
  #isRunning = false;
  #onClosed: ((drained: number, forced: number) => void) | undefined;
  /** What the peers are told when the pool closes. */
  #farewell = { code: NORMAL, reason: "" };

  constructor(
    driver: Driver<Incoming, Outgoing>,
    announcer: Announcer,
    random: () => number,
  ) {
    this.#driver = driver;
    this.#announcer = announcer;
    this.#random = random;
    this.#handles = new Handles((slot, lease) => driver.collected(slot, lease));
  }

  /** Performs what the core has asked for. User code that runs meanwhile may ask for more: it is done in its turn. */
  run(): void {
    const { state } = this.#driver;
    if (this.#isRunning || !state.hasActions) return;
    this.#isRunning = true;
    try {
      while (state.hasActions) {
        for (const action of state.takeActions()) this.#perform(action);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** The end of a reset that is under way. */
  awaitReset(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const pending = this.#resets.get(slot) ?? Promise.withResolvers<void>();
    this.#resets.set(slot, pending);
    return pending.promise;
  }

  awaitClose({ code, reason }: ResolvedClose): Promise<CloseReport> {
    this.#farewell = { code, reason };
    const startedAt = this.#driver.agenda.clock.now();
    return new Promise((resolve) => {
      this.#onClosed = (drained, forced) => {
        const abandoned = this.lingering.size;
        for (const connection of this.lingering) connection.detach();
        this.#driver.agenda.stop();
        const report = Object.freeze({ drained, forced, abandoned });
        const duration = this.#driver.agenda.clock.now() - startedAt;
        resolve(report);
        this.#announcer.closed(report, duration);
      };
    });
  }

  #perform(action: Action<IoPayload<Incoming, Outgoing>>): void {
    switch (action.kind) {
      case "dial":
        this.#dial(action.slot);
        break;
      case "abort-dial":
        action.slot.resource?.abortOperation(action.why);
        break;
      case "grant":
        this.#grant(action.slot, action.lease, action.waiter);
        break;
      case "refuse":
        this.#refuse(action.waiter, action.refusal);
        break;
      case "probe":
        this.#probe(action.slot);
        break;
      case "reset":
        this.#reset(action.slot);
        break;
      case "abort-hook":
        action.slot.resource?.abortOperation("timeout");
        break;
      case "retire":
        this.#retire(action.slot, action.reason);
        break;
      case "hang-up":
        action.slot.resource?.close(NORMAL, "");
        break;
      case "abandon":
        this.#abandon(action.slot);
        break;
      case "lost":
        this.#lost(action.slot);
        break;
      case "leak":
        this.#leak(action.slot);
        break;
      case "revoke":
        action.slot.resource?.revoke(action.lease);
        break;
      case "warmed":
        this.#driver.warmed(action.warmer);
        this.#settleWarm(action.warmer, action.idle);
        break;
      case "tick":
        this.#registerHandles();
        break;
      case "closed":
        this.#onClosed?.(action.drained, action.forced);
    }
  }

  #dial(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    // User code that ran since may have closed the pool.
    if (slot.state === SlotState.connecting) {
      const connection = new Connection(slot, this.#driver);
      slot.resource = connection;
      this.#awaitDial(connection, slot.key.waiting > 0 ? "acquire" : "warm");
    } else {
      this.#driver.state.dialGivenUp(slot, this.#driver.begin());
    }
  }

  async #awaitDial(
    connection: Connection<Incoming, Outgoing>,
    reason: "acquire" | "warm",
  ): Promise<void> {
    const driver = this.#driver;
    const { slot, dialledAt } = connection;
    const attempt = (slot.key.failed?.attempts ?? 0) + 1;
    const failure = await connection.dial(attempt) ??
      // It may have closed while the outcome was on its way here.
      connection.failureBeforeUse();
    const now = driver.begin();
    const duration = now - dialledAt;
    const isWanted = slot.state === SlotState.connecting;
    if (failure === undefined) {
      const rests = driver.state.opened(slot, now, this.#random());
      if (rests && connection.hasUnread) {
        driver.greeted(connection, now);
        connection.clearInbox("idle");
      }
      if (isWanted) {
        driver.recorder.connectTime.add(duration);
        this.#announcer.connected(connection, reason, duration);
      }
    } else {
      driver.state.dialFailed(
        slot,
        now,
        failure,
        failure.fatal,
        connection.isClosed,
        this.#random(),
      );
      if (isWanted) {
        this.#announcer.connectFailed(connection, failure, attempt, duration);
      }
    }
    driver.finish();
  }

  #grant(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    lease: number,
    waiter: Waiter<IoPayload<Incoming, Outgoing>>,
  ): void {
    const connection = slot.resource;
    // A slot gets its connection with its dial.
    if (connection === undefined) return;
    const { ticket } = waiter;
    const now = this.#driver.ledger.now;
    const duration = now - waiter.since;
    this.#driver.answered(waiter);
    this.#driver.recorder.acquireWait.add(duration);
    connection.leasedAt = now;
    connection.leaseStack = ticket.stack;
    ticket.grant(connection, lease);
    this.#announcer.acquired(connection, duration);
  }

  #refuse(
    waiter: Waiter<IoPayload<Incoming, Outgoing>>,
    refusal: Refusal<IoPayload<Incoming, Outgoing>>,
  ): void {
    const { key, ticket, since } = waiter;
    const { shown } = key.target.address;
    this.#driver.answered(waiter);
    switch (refusal.kind) {
      case "timeout":
      case "queue-full":
        ticket.refuse(toExhaustedError(
          refusal,
          key,
          this.#driver.config.limits,
          ticket.timeout,
          this.#driver.recorder.snapshot(),
        ));
        this.#announcer.exhausted(
          shown,
          refusal.kind,
          this.#driver.ledger.now - since,
        );
        break;
      case "dial-timeout":
        ticket.refuse(
          toDialTimeoutError(key, refusal.attempts, ticket.timeout),
        );
        break;
      case "failed":
        ticket.refuse(
          toConnectError(refusal.failure, shown, refusal.attempts),
        );
        break;
      case "closed":
        ticket.refuse(poolClosed(shown));
    }
  }

  #probe(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const connection = slot.resource;
    if (connection === undefined || slot.state !== SlotState.probing) return;
    if (this.#driver.healthCheck !== undefined) {
      this.#awaitProbe(connection);
    } else {
      this.#probed(connection, connection.isReusable, this.#driver.ledger.now);
    }
  }

  async #awaitProbe(
    connection: Connection<Incoming, Outgoing>,
  ): Promise<void> {
    const startedAt = this.#driver.agenda.clock.now();
    const hasPassed = await connection.probe();
    this.#probed(connection, hasPassed, startedAt);
  }

  #probed(
    connection: Connection<Incoming, Outgoing>,
    hasPassed: boolean,
    startedAt: number,
  ): void {
    const driver = this.#driver;
    if (connection.slot.state !== SlotState.probing) return;
    connection.clearInbox("idle");
    const now = driver.begin();
    driver.state.probeDone(connection.slot, hasPassed, now);
    this.#announcer.probed(connection, hasPassed, now - startedAt);
    driver.finish();
  }

  async #reset(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const connection = slot.resource;
    // User code that ran since may have closed the pool.
    if (connection !== undefined && slot.state === SlotState.resetting) {
      const isClean = await connection.reset();
      connection.clearInbox("unread");
      this.#driver.state.resetDone(slot, isClean, this.#driver.begin());
      this.#driver.finish();
    }
    this.#resets.get(slot)?.resolve();
    this.#resets.delete(slot);
  }

  #retire(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    reason: RetireReason,
  ): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    const farewell = reason === "closed"
      ? this.#farewell
      : { code: NORMAL, reason: "" };
    connection.close(farewell.code, farewell.reason);
    const age = this.#driver.ledger.now - connection.openedAt;
    this.#announcer.retired(connection, reason, age);
  }

  #abandon(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    // Before the call: a socket that can be killed reports its end within it.
    this.lingering.add(connection);
    connection.abandon();
  }

  #lost(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    const age = this.#driver.ledger.now - connection.openedAt;
    this.#announcer.lost(connection, age);
  }

  #leak(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    const held = this.#driver.ledger.now - connection.leasedAt;
    this.#announcer.leaked(connection, "held", held);
  }

  #settleWarm(
    { ticket, key }: Warmer<IoPayload<Incoming, Outgoing>>,
    idle: number,
  ): void {
    const { shown } = key.target.address;
    if (this.#driver.isClosed) ticket.refuse(poolClosed(shown));
    else ticket.settle(idle);
  }

  /** Registers the handles of the leases that have lasted since before this tick (4.11). */
  #registerHandles(): void {
    for (const slot of this.#driver.ledger.slots.all) {
      const handle = slot.resource?.handle;
      if (slot.state !== SlotState.leased || handle === undefined) continue;
      this.#handles.add(handle, slot);
      // From here on nothing of the pool keeps an unused handle.
      if (slot.resource !== undefined) slot.resource.handle = undefined;
    }
  }
}
