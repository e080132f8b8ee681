import { assert, assertEquals } from "@std/assert";
import type { Action } from "../../src/core/actions.ts";
import { PoolState } from "../../src/core/pool_state.ts";
import { stamp } from "../../src/core/shortcuts.ts";
import { SlotState } from "../../src/core/slot.ts";
import { Caller } from "./caller.ts";
import type { Command, Scenario } from "./commands.ts";
import { assertInvariants } from "./invariants.ts";
import { Judge } from "./judge.ts";
import { Network } from "./network.ts";
import type { ModelPayload, Peer } from "./records.ts";
import { Reference } from "./reference.ts";

/** A deadline heard of this many ms late means a standstill. */
const STALL = 1_000;

/** A standstill is followed by this many ms in which nothing is declared late. */
const GRACE = 50;

/**
 * Plays everything around the core, as the driver does it: due deadlines come
 * before each input, and actions are performed in order, perhaps a command
 * late. After each command everything is looked at.
 */
export class World {
  readonly state: PoolState<ModelPayload>;
  readonly reference: Reference;
  /** Whether an idle connection was leased since the core last ran. */
  hasTaken = false;
  readonly #judge: Judge;
  readonly #caller: Caller;
  readonly #network: Network;
  readonly #killable: boolean;
  readonly #pending: Action<ModelPayload>[] = [];
  /** Whether what the present command leads to waits for the next one. */
  #isHolding = false;
  #mayHold = false;
  /** A closed pool has let go of its lingering sockets. */
  #hasLetGo = false;
  #graceUntil = -Infinity;

  constructor({ limits, killable }: Omit<Scenario, "commands">) {
    this.state = new PoolState(limits);
    this.reference = new Reference(limits);
    this.#judge = new Judge(this.reference);
    this.#caller = new Caller(this);
    this.#network = new Network(this);
    this.#killable = killable;
  }

  step(command: Command): void {
    this.#isHolding = this.#mayHold;
    this.#mayHold = false;
    this.#do(command);
    this.observe();
    if (!this.#isHolding) this.#perform();
    this.#look();
  }

  /** Ends the pool, whatever state it is in; some sockets never close. */
  end(): void {
    const { reference } = this;
    this.#mayHold = false;
    this.step({ kind: "close", drainTimeout: 50 });
    while (this.#caller.liveLeases.length > 0) {
      this.step({ kind: "release", pick: 0, fate: "reuse" });
    }
    const failed = { fatal: false, closed: false, random: 0 };
    while (this.#network.dials.length > 0) {
      this.step({ kind: "dialFailed", pick: 0, ...failed });
    }
    for (let round = 0; reference.phase !== "closed"; round++) {
      assert(round < 100 && this.state.nextAt < Infinity, "4.8 close ends");
      this.step({ kind: "waitForNext" });
    }
    assertEquals(reference.waiting(), [], "I5 every waiter is settled");
    for (const { isPending } of reference.warmTickets) assert(!isPending);
    for (const { farewells, socket } of reference.peers) {
      assert(farewells > 0 || socket === "closed", "I6 each socket is closed");
    }
  }

  #do(command: Command): void {
    switch (command.kind) {
      case "acquire":
        return this.#caller.acquire(
          command.key,
          command.fresh,
          command.timeout,
        );
      case "tryAcquire":
        return this.#caller.tryAcquire(command.key);
      case "abort":
        return this.#caller.abort(command.pick);
      case "release":
        return this.#caller.release(command.pick, command.fate);
      case "releaseStale":
        return this.#caller.releaseStale(command.pick, command.fate);
      case "warm":
        return this.#caller.warm(command.key, command.count, command.timeout);
      case "endWarm":
        return this.#caller.endWarm(command.pick);
      case "clear":
        return this.#caller.clear();
      case "close":
        return this.#caller.close(command.drainTimeout);
      case "opened":
        return this.#network.opened(command.pick, command.spread);
      case "dialFailed":
        return this.#network.dialFailed(
          command.pick,
          command.fatal,
          command.closed,
          command.random,
        );
      case "lost":
      case "spoiled":
      case "heard":
      case "closed":
        return this.#network[command.kind](command.pick);
      case "hookDone":
        return this.#network.hookDone(command.pick, command.well);
      case "wait":
        return this.#wait(command.ms);
      case "waitForNext":
        return this.#waitForNext();
      case "stall":
        return this.#stall(command.ms);
      case "hold":
        this.#mayHold = true;
    }
  }

  // Time

  #wait(ms: number): void {
    stamp(this.state.ledger, this.reference.now);
    this.reference.now += ms;
    this.begin();
  }

  #waitForNext(): void {
    stamp(this.state.ledger, this.reference.now);
    const { nextAt } = this.state;
    if (nextAt !== Infinity) {
      const { now } = this.reference;
      this.reference.now = Math.max(nextAt, this.#graceUntil, now);
    }
    this.begin();
  }

  #stall(ms: number): void {
    stamp(this.state.ledger, this.reference.now);
    const due = this.state.nextAt;
    this.reference.now += ms;
    if (this.reference.now - due < STALL) return this.begin();
    this.#graceUntil = this.reference.now + GRACE;
    this.reference.isGracious = true;
    this.state.stalled(this.reference.now - due);
  }

  /** Whatever is due comes first, but within the grace after a standstill. */
  begin(): void {
    const { reference } = this;
    reference.failing = undefined;
    reference.newcomer = undefined;
    reference.isGracious = reference.now < this.#graceUntil;
    if (!reference.isGracious && this.state.nextAt <= reference.now) {
      this.state.advance(reference.now);
      this.observe();
    }
  }

  /** A socket closed that was given up. */
  lingerEnded(peer: Peer): void {
    if (this.#hasLetGo) return;
    peer.isLingering = false;
    this.state.lingerEnded(this.reference.now);
  }

  // Actions

  /** Whether all that was decided is done. */
  get isSettled(): boolean {
    return this.#pending.length === 0;
  }

  /** Tells the reference of what the core has asked for, or of a grant made without asking. */
  observe(grant?: Action<ModelPayload>): void {
    const actions = this.state.takeActions();
    if (grant !== undefined) actions.push(grant);
    for (const action of actions) {
      if (action.kind === "grant" || action.kind === "refuse") {
        action.waiter.answer.waiter = action.waiter;
      }
      this.#judge.judge(action);
      this.#pending.push(action);
    }
    this.reference.assertShares();
  }

  /** Whether a socket is given up, and does not know it yet. */
  isGivingUp(peer: Peer): boolean {
    return this.#pending.some((action) =>
      action.kind === "abandon" && action.slot === peer.slot
    );
  }

  #perform(): void {
    for (;;) {
      const action = this.#pending.shift();
      if (action === undefined) return;
      this.#performOne(action);
      this.observe();
    }
  }

  #performOne(action: Action<ModelPayload>): void {
    const { reference, state } = this;
    switch (action.kind) {
      case "dial": {
        const peer = reference.peerOf(action.slot);
        if (action.slot.state === SlotState.connecting) {
          action.slot.resource = peer;
        } else {
          peer.place = "gone";
          peer.socket = "closed";
          state.closed(action.slot, reference.now);
        }
        break;
      }
      case "probe":
        if (action.slot.state !== SlotState.probing) return;
        reference.peerOf(action.slot).hook = "probe";
        break;
      case "reset":
        if (action.slot.state !== SlotState.resetting) return;
        reference.peerOf(action.slot).hook = "reset";
        break;
      case "retire":
      case "hang-up": {
        const peer = reference.peerOf(action.slot);
        peer.farewells++;
        assertEquals(peer.farewells, 1, "I6 each socket is closed once");
        break;
      }
      case "abandon": {
        const peer = reference.peerOf(action.slot);
        if (!this.#killable || peer.socket !== "open") return;
        peer.socket = "closed";
        this.lingerEnded(peer);
        break;
      }
      case "closed":
        this.#hasLetGo = true;
    }
  }

  #look(): void {
    if (!this.#isHolding && !this.reference.isGracious) this.#finish();
    assertInvariants(this.state, this.reference);
  }

  /** Nothing is left due, and nothing that could be done. */
  #finish(): void {
    const { state, reference } = this;
    for (let round = 0; state.nextAt <= reference.now; round++) {
      assert(round < 10, "no hot loop");
      this.begin();
      this.#perform();
    }
    state.advance(reference.now);
    // What is taken on the hot path runs nothing: a `warm` that wanted it goes on with the next input.
    const isWarming = this.hasTaken &&
      reference.warmTickets.some(({ isPending }) => isPending);
    assert(isWarming || !state.hasActions, "nothing more could be done");
    this.hasTaken = false;
    this.observe();
    this.#perform();
  }
}
