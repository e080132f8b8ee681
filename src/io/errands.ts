import { type Slot, SlotState } from "../core/slot.ts";
import type { Announcer } from "./announcer.ts";
import { Connection } from "./connection.ts";
import { type DialFailure, toConnectError } from "./dial_failure.ts";
import type { Driver } from "./driver.ts";
import { dial, failureBeforeUse, probe, reset } from "./operations.ts";
import type { IoPayload } from "./payload.ts";

/** The actions that take time: each is begun here, and its outcome brought back to the core. */
export class Errands<Incoming, Outgoing> {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #announcer: Announcer;
  readonly #random: () => number;
  readonly #resets: Map<
    Slot<IoPayload<Incoming, Outgoing>>,
    PromiseWithResolvers<void>
  > = new Map();

  constructor(
    driver: Driver<Incoming, Outgoing>,
    announcer: Announcer,
    random: () => number,
  ) {
    this.#driver = driver;
    this.#announcer = announcer;
    this.#random = random;
  }

  async dial(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const driver = this.#driver;
    // User code that ran since the decision may have closed the pool.
    if (slot.state !== SlotState.connecting) {
      driver.state.closed(slot, driver.begin());
      driver.finish();
      return;
    }
    const connection = new Connection(slot, driver);
    slot.resource = connection;
    const reason = slot.key.waiting > 0 ? "acquire" : "warm";
    const attempt = (slot.key.failing?.attempts ?? 0) + 1;
    const outcome = await dial(connection, attempt, false);
    const failure = this.#judge(connection, outcome);
    const now = driver.begin();
    const duration = now - connection.dialledAt;
    const isWanted = slot.state === SlotState.connecting;
    if (failure === undefined) {
      const rests = driver.state.opened(slot, now, this.#random());
      // What came in with the handshake's answer is for a lease or for nobody. Taken now, told when the connection is.
      const unread = connection.isLeased ? 0 : connection.takeUnread();
      if (isWanted) connection.becomeReady();
      if (rests && unread > 0) driver.greeted(connection, now);
      if (isWanted) {
        driver.recorder.connectTime.add(duration);
        this.#announcer.tell("connect", connection, { reason, duration });
      }
      connection.dropped(unread, rests ? "idle" : "unread");
    } else {
      driver.state.dialFailed(
        slot,
        now,
        failure,
        failure.fatal,
        connection.isClosed,
        this.#random(),
      );
      // What came before the failure is for nobody.
      connection.dropped(connection.takeUnread(), "unread");
      if (isWanted) this.#failed(connection, failure, attempt, duration);
    }
    driver.finish();
  }

  async redial(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const driver = this.#driver;
    const connection = slot.resource;
    // As above: the lease may have ended since.
    if (connection === undefined || slot.redial !== "dialling") {
      // There is no socket whose close would be reported.
      driver.state.closed(slot, driver.begin());
      driver.finish();
      return;
    }
    connection.dialledAt = driver.agenda.clock.now();
    const attempt = slot.redialAttempts + 1;
    const outcome = await dial(connection, attempt, true);
    const failure = this.#judge(connection, outcome);
    const now = driver.begin();
    const duration = now - connection.dialledAt;
    const isWanted = slot.redial === "dialling";
    if (failure === undefined) {
      driver.state.redialled(slot, now, this.#random());
      if (isWanted) {
        driver.recorder.connectTime.add(duration);
        connection.reconnects++;
        connection.lastFailure = undefined;
        connection.becomeReady();
        this.#announcer.tell("reconnect", connection, {
          reason: connection.reconnectReason,
          attempts: attempt,
          duration: now - connection.lostAt,
        });
      }
    } else {
      // Before the books: a lease that ends here is told why.
      if (isWanted) connection.lastFailure = failure;
      driver.state.redialFailed(
        slot,
        now,
        failure,
        failure.fatal,
        connection.isClosed,
        this.#random(),
      );
      if (isWanted) this.#failed(connection, failure, attempt, duration);
    }
    // The lease has ended meanwhile, and with it who could read this.
    if (!isWanted) connection.dropped(connection.takeUnread(), "unread");
    driver.finish();
  }

  async probe(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const connection = slot.resource;
    if (connection === undefined || slot.state !== SlotState.probing) return;
    const startedAt = this.#driver.ledger.now;
    if (this.#driver.healthCheck === undefined && !connection.canProbe) {
      // Nothing can be asked: the state of the socket is all there is to see.
      this.#probed(connection, connection.isReusable, startedAt);
    } else {
      this.#probed(connection, await probe(connection), startedAt);
    }
  }

  async reset(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const connection = slot.resource;
    // User code that ran since may have closed the pool.
    if (connection !== undefined && slot.state === SlotState.resetting) {
      const isClean = await reset(connection);
      this.#driver.state.resetDone(slot, isClean, this.#driver.begin());
      this.#driver.finish();
    }
    this.#resets.get(slot)?.resolve();
    this.#resets.delete(slot);
  }

  /** The end of a reset that is under way. */
  awaitReset(slot: Slot<IoPayload<Incoming, Outgoing>>): Promise<void> {
    const pending = this.#resets.get(slot) ?? Promise.withResolvers<void>();
    this.#resets.set(slot, pending);
    return pending.promise;
  }

  /**
   * What became of a dial, with the user's word on a failure. In the same turn
   * the core hears of it: a socket that closed while the outcome was on its
   * way here is a failed dial, for nothing else reports it.
   */
  #judge(
    connection: Connection<Incoming, Outgoing>,
    outcome: DialFailure | undefined,
  ): DialFailure | undefined {
    const failure = outcome ?? failureBeforeUse(connection);
    // One that cannot be used may be open: its inbox has overflowed.
    if (failure !== undefined) connection.close(1_000, "");
    const failures = (connection.slot.key.failing?.attempts ?? 0) + 1;
    return failure && this.#driver.classified(failure, failures);
  }

  #failed(
    connection: Connection<Incoming, Outgoing>,
    failure: DialFailure,
    attempt: number,
    duration: number,
  ): void {
    this.#announcer.tell("connectfailed", connection, {
      reason: failure.phase,
      error: toConnectError(failure, connection.shown, attempt),
      duration,
    });
  }

  #probed(
    connection: Connection<Incoming, Outgoing>,
    hasPassed: boolean,
    startedAt: number,
  ): void {
    const driver = this.#driver;
    if (connection.slot.state !== SlotState.probing) return;
    const now = driver.begin();
    driver.state.probeDone(connection.slot, hasPassed, now);
    this.#announcer.tell("healthcheck", connection, {
      reason: hasPassed ? "passed" : "failed",
      duration: now - startedAt,
    });
    driver.finish();
  }
}
