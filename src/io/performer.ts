import type { ResolvedClose } from "../call_options.ts";
import type {
  Action,
  ReconnectReason,
  Refusal,
  RetireReason,
} from "../core/actions.ts";
import { type Slot, SlotState } from "../core/slot.ts";
import type { Waiter } from "../core/waiter.ts";
import type { CloseReport } from "../stats.ts";
import type { Announcer } from "./announcer.ts";
import type { Connection } from "./connection.ts";
import { toConnectError } from "./dial_failure.ts";
import type { Driver } from "./driver.ts";
import { Errands } from "./errands.ts";
import { Handles } from "./handles.ts";
import { poolClosed } from "./lease_errors.ts";
import type { LingeringSocket } from "./lingering.ts";
import type { IoPayload } from "./payload.ts";
import { toDialTimeoutError } from "./refusal_error.ts";

/** A normal closure (RFC 6455, section 7.4.1). */
const NORMAL = 1_000;

/** Performs the core's actions, in order, and reports the outcomes back. */
export class Performer<Incoming, Outgoing> {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #announcer: Announcer;
  readonly #handles: Handles<IoPayload<Incoming, Outgoing>>;
  readonly #errands: Errands<Incoming, Outgoing>;
  readonly #lingering: Set<LingeringSocket> = new Set();
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
    this.#errands = new Errands(driver, announcer, random);
    this.#handles = new Handles((slot, lease) =>
      driver.releases.collected(slot, lease)
    );
  }

  /** Whether actions are being performed: what is decided meanwhile comes after them. */
  get isRunning(): boolean {
    return this.#isRunning;
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

  /** Answers a waiter with a connection. */
  grant(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    lease: number,
    waiter: Waiter<IoPayload<Incoming, Outgoing>>,
  ): void {
    const connection = slot.resource;
    // A slot gets its connection with its dial.
    if (connection === undefined) return;
    const { ticket } = waiter;
    const driver = this.#driver;
    const { now } = driver.ledger;
    // One that has not even been stamped has not waited.
    const duration = Math.max(0, now - waiter.since);
    driver.recorder.acquireWait.add(duration);
    connection.leasedAt = now;
    if (ticket !== undefined) {
      driver.acquisitions.answered(waiter);
      connection.leaseStack = ticket.stack;
      connection.onReconnect = ticket.onReconnect;
    }
    waiter.grant?.(driver.createHandle(connection, lease));
    driver.acquisitions.leased(connection, duration);
  }

  /** The end of a reset that is under way. */
  awaitReset(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    return this.#errands.awaitReset(slot);
  }

  awaitClose({ code, reason }: ResolvedClose): Promise<CloseReport> {
    this.#farewell = { code, reason };
    const startedAt = this.#driver.agenda.clock.now();
    return new Promise((resolve) => {
      this.#onClosed = (drained, forced) => {
        // Those whose peers fell silent may be within their time still.
        for (const socket of [...this.#lingering]) socket.abandon();
        const abandoned = this.#lingering.size;
        for (const socket of this.#lingering) socket.detach();
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
        this.#errands.dial(action.slot);
        break;
      case "redial":
        this.#errands.redial(action.slot);
        break;
      case "abort-dial":
        action.slot.resource?.abort(action.why);
        break;
      case "grant":
        this.grant(action.slot, action.lease, action.waiter);
        break;
      case "refuse":
        this.#refuse(action.waiter, action.refusal);
        break;
      case "probe":
        this.#errands.probe(action.slot);
        break;
      case "reset":
        this.#errands.reset(action.slot);
        break;
      case "abort-hook":
        action.slot.resource?.abort("timeout");
        break;
      case "retire":
        this.#retire(action.slot, action.reason);
        break;
      case "hang-up":
      case "rotate":
        action.slot.resource?.close(NORMAL, "");
        break;
      case "reconnecting":
        this.#reconnecting(action.slot, action.reason);
        break;
      case "leave-socket":
        this.#leaveSocket(action.slot);
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
        this.#driver.acquisitions.warmed(action.warmer, action.idle);
        break;
      case "tick":
        this.#registerHandles();
        break;
      case "closed":
        this.#onClosed?.(action.drained, action.forced);
    }
  }

  #refuse(
    waiter: Waiter<IoPayload<Incoming, Outgoing>>,
    refusal: Refusal<IoPayload<Incoming, Outgoing>>,
  ): void {
    const { key, since, cohort: { timeout } } = waiter;
    const { shown } = key.target.address;
    this.#driver.acquisitions.answered(waiter);
    switch (refusal.kind) {
      case "timeout":
      case "queue-full":
        this.#driver.acquisitions.exhausted(
          refusal,
          key,
          timeout,
          waiter.refuse,
          Math.max(0, this.#driver.ledger.now - since),
        );
        break;
      case "dial-timeout":
        waiter.refuse?.(
          toDialTimeoutError(key, refusal.attempts, timeout),
        );
        break;
      case "failed":
        waiter.refuse?.(
          toConnectError(refusal.failure, shown, refusal.attempts),
        );
        break;
      case "closed":
        waiter.refuse?.(poolClosed(shown));
    }
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
    const duration = this.#driver.ledger.now - slot.openedAt;
    this.#announcer.tell("retire", connection, { reason, duration });
  }

  #abandon(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    // A socket that can be killed reports its end within the call.
    this.#linger(slot.resource)?.abandon();
  }

  /** The slot goes on over another socket; one whose peer is silent is not waited for. */
  #leaveSocket(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const lingering = this.#linger(slot.resource);
    if (lingering === undefined) return;
    const { agenda, config } = this.#driver;
    const { closeTimeout } = config.limits;
    if (closeTimeout === Infinity) return;
    agenda.after(closeTimeout, () => {
      if (this.#lingering.has(lingering)) lingering.abandon();
    });
  }

  #linger(
    connection: Connection<Incoming, Outgoing> | undefined,
  ): LingeringSocket | undefined {
    const onEnd = (ended: LingeringSocket) => {
      if (this.#lingering.delete(ended)) this.#driver.lingerEnded();
    };
    const lingering = connection?.leaveSocket(onEnd);
    if (lingering === undefined) {
      this.#driver.lingerEnded();
      return undefined;
    }
    // First noted, then closed: its end may come within the call.
    this.#lingering.add(lingering);
    lingering.close(NORMAL);
    return lingering;
  }

  #reconnecting(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    reason: ReconnectReason,
  ): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    connection.lostAt = this.#driver.ledger.now;
    connection.reconnectReason = reason;
    const closeCode = connection.socketEnd?.code;
    this.#announcer.tell("reconnecting", connection, { reason, closeCode });
  }

  #lost(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    const duration = this.#driver.ledger.now - slot.openedAt;
    const { lastFailure, socketEnd } = connection;
    connection.lose(
      lastFailure &&
        toConnectError(lastFailure, connection.shown, slot.redialAttempts),
    );
    this.#announcer.tell("lost", connection, {
      reason: socketEnd?.wasClean ? "closed" : "broken",
      closeCode: socketEnd?.code ?? 1006,
      duration,
    });
  }

  #leak(slot: Slot<IoPayload<Incoming, Outgoing>>): void {
    const connection = slot.resource;
    if (connection === undefined) return;
    this.#driver.releases.leaked(connection, "held", this.#driver.ledger.now);
  }

  /** Registers the handles of the leases that have lasted since before this tick (4.11). */
  #registerHandles(): void {
    for (const slot of this.#driver.ledger.slots) {
      const handle = slot.resource?.handle;
      if (slot.state !== SlotState.leased || handle === undefined) continue;
      this.#handles.add(handle, slot);
      // From here on nothing of the pool keeps an unused handle.
      if (slot.resource !== undefined) slot.resource.handle = undefined;
    }
  }
}
