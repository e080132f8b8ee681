import type { Action } from "../../src/core/actions.ts";
import type { Warmer } from "../../src/core/alarm.ts";
import { Key } from "../../src/core/key.ts";
import { PoolState } from "../../src/core/pool_state.ts";
import {
  handOver,
  join,
  restore,
  stamp,
  take,
} from "../../src/core/shortcuts.ts";
import type { Slot } from "../../src/core/slot.ts";
import type { Waiter } from "../../src/core/waiter.ts";
import type { BarePayload } from "../support/bare_core.ts";
import { actionInWords } from "./action_words.ts";
import { choose } from "./commands.ts";
import { DeadlineSpreader } from "./deadline_spreader.ts";
import type { CommandOf, TwinCommand, TwinScenario } from "./twin_commands.ts";
import { hearOf } from "./twin_sockets.ts";
import type { TwinTally } from "./twin_tally.ts";

/**
 * Whether it is next to leave its cohort, in either core: those who join for the
 * same time are of one, and time limits here are all different, but for none.
 */
function mayAbort(waiter: Waiter<BarePayload>): boolean {
  const { first, fresh, timeout, key } = waiter.cohort;
  const isAlone = fresh || timeout < Infinity;
  return first === waiter && (isAlone || key.waiters.first?.first === waiter);
}

/**
 * One of two cores that are told the same. Candidates are those of its own
 * ledger: as long as the books agree, both choose alike.
 */
export class Twin {
  /** What the core asked for since they were taken last, and the grants made without asking. */
  readonly words: string[] = [];
  readonly state: PoolState<BarePayload>;
  /** With a tally it takes each shortcut that it may; without one, only the general way. */
  readonly #tally: TwinTally | undefined;
  /** As a cache of look-ups holds them: the pool may have let go of one. */
  readonly #keys: readonly Key<BarePayload>[];
  readonly #waiters: Waiter<BarePayload>[] = [];
  readonly #warmers: Warmer<BarePayload>[] = [];
  readonly #spreader = new DeadlineSpreader();
  #now = 0;
  #acquires = 0;
  /** Sockets that were given up, and have not closed. */
  #lingering = 0;

  constructor({ limits, keys }: TwinScenario, tally: TwinTally | undefined) {
    this.state = new PoolState(limits);
    this.#tally = tally;
    this.#keys = keys.map((name) => new Key(name, name));
  }

  /**
   * @param fraction Of a ms, and no other command's: deadlines that are equal
   * ring in an order that is nobody's promise
   */
  step(command: TwinCommand, fraction: number): void {
    this.#do(command, fraction);
    this.#listen();
  }

  stamp(): void {
    stamp(this.state.ledger, this.#now);
  }

  #do(command: TwinCommand, fraction: number): void {
    const { state } = this;
    const now = this.#now;
    switch (command.kind) {
      case "acquire":
        return this.#acquire(command, fraction);
      case "release":
        return this.#release(command);
      case "dialEnds":
      case "lost":
      case "spoiled":
      case "silent":
      case "hookDone":
      case "closed":
        return hearOf(state, command, now);
      case "abort": {
        const pending = this.#waiters.filter(mayAbort);
        const waiter = choose(pending, command.pick);
        if (waiter !== undefined) state.abortFirst(waiter.cohort, now);
        return;
      }
      case "warm": {
        const key = choose(this.#keys, command.key);
        if (key === undefined || state.ledger.phase !== "open") return;
        const at = now + command.timeout + fraction;
        this.#warmers.push(state.warm(key, command.count, at, "warm", now));
        return;
      }
      case "endWarm": {
        const warmer = choose(this.#warmers, command.pick);
        if (warmer !== undefined) state.endWarm(warmer, now);
        return;
      }
      case "lingerEnded":
        if (this.#lingering === 0) return;
        this.#lingering--;
        return state.lingerEnded(now);
      case "wait":
        return this.#wait(command.ms + fraction);
      case "stamp":
        return this.stamp();
      case "clear":
        return state.clear(now);
      case "close":
        if (state.ledger.phase !== "open") return;
        return state.close(now, command.drainTimeout);
    }
  }

  #acquire(command: CommandOf<"acquire">, fraction: number): void {
    const { state } = this;
    const { ledger } = state;
    const cached = choose(this.#keys, command.key);
    if (cached === undefined || ledger.phase !== "open") return;
    const { fresh } = command;
    const timeout = command.timeout + fraction;
    const answer = `waiter ${++this.#acquires}`;
    const key = ledger.keys.get(cached.name) ?? cached;
    if (!fresh && this.#join(key, timeout, answer)) return;
    // What is idle is not granted in any other way, so both take it.
    const slot = fresh ? state.firstUnused(key) : key.idle.at(-1);
    if (slot !== undefined) {
      take(ledger, slot);
      state.watch(slot, this.#now);
      return;
    }
    const now = this.#now;
    this.#waiters.push(
      state.enqueue(key, timeout, fresh, undefined, answer, now),
    );
  }

  #join(key: Key<BarePayload>, timeout: number, answer: string): boolean {
    if (this.#tally === undefined) return false;
    const isFirst = key.demand === 0;
    const { ledger } = this.state;
    const waiter = join(ledger, key, timeout, undefined, answer);
    if (waiter === undefined) return false;
    this.#waiters.push(waiter);
    if (isFirst) this.#tally.firstJoins++;
    else this.#tally.laterJoins++;
    return true;
  }

  #release({ pick, fate }: CommandOf<"release">): void {
    const { slots } = this.state.ledger;
    const slot = choose([...slots].filter(({ isHeld }) => isHeld), pick);
    if (slot === undefined) return;
    if (fate === "reuse" && this.#giveOn(slot)) return;
    this.state.release(slot, slot.lease, fate, this.#now);
  }

  /** Gives back a connection that can be used again, for whoever comes or to the next waiter. */
  #giveOn(slot: Slot<BarePayload>): boolean {
    const { ledger } = this.state;
    const tally = this.#tally;
    // The shortcuts leave it to their caller to look for a socket, and for leaks.
    if (
      tally === undefined || slot.redial !== undefined || ledger.tracksLeaks
    ) return false;
    if (ledger.waiting === 0 && restore(ledger, slot, slot.lease)) {
      tally.restores++;
      return true;
    }
    const waiter = handOver(ledger, slot, slot.lease, this.#now);
    if (waiter === undefined) return false;
    tally.handOvers++;
    if (slot.key.demand === 0) tally.lastHandOvers++;
    this.#note({ kind: "grant", slot, lease: slot.lease, waiter });
    return true;
  }

  /** Lets time pass, with everything that is due on the way. */
  #wait(ms: number): void {
    const { state } = this;
    const end = this.#now + ms;
    this.stamp();
    while (state.nextAt <= end) {
      this.#now = Math.max(this.#now, state.nextAt);
      this.#advance();
    }
    this.#now = end;
    this.#advance();
  }

  /** What began in one moment may end in one moment, in any order. */
  #advance(): void {
    const { length } = this.words;
    this.state.advance(this.#now);
    this.#listen();
    this.words.push(...this.words.splice(length).sort());
  }

  #listen(): void {
    for (const action of this.state.takeActions()) this.#note(action);
    this.#spreader.spread(this.state.ledger);
  }

  #note(action: Action<BarePayload>): void {
    const { kind } = action;
    if (kind === "abandon" || kind === "leave-socket") this.#lingering++;
    this.words.push(actionInWords(action));
  }
}
