import { assert, assertEquals } from "@std/assert";
import type { Action } from "../../../src/core/actions.ts";
import type { Warmer } from "../../../src/core/alarm.ts";
import { ensureKey } from "../../../src/core/keys.ts";
import type { Limits } from "../../../src/core/limits.ts";
import { PoolState } from "../../../src/core/pool_state.ts";
import { restore, take } from "../../../src/core/shortcuts.ts";
import type { Payload, Slot } from "../../../src/core/slot.ts";
import type { Waiter } from "../../../src/core/waiter.ts";

/** Round numbers, and nothing that happens unasked. */
export const LIMITS: Limits = {
  maxConnections: 4,
  maxConnectionsPerKey: Infinity,
  maxConnecting: 4,
  maxWaiting: Infinity,
  maxIdleTime: Infinity,
  maxLifetime: Infinity,
  healthCheckInterval: Infinity,
  healthCheckTimeout: 50,
  maxProbing: 2,
  connectTimeout: Infinity,
  resetTimeout: 50,
  closeTimeout: Infinity,
  leakThreshold: Infinity,
  backoff: {
    minDelay: 100,
    maxDelay: 1_000,
    multiplier: 2,
    jitter: 0,
    resetAfter: 5_000,
  },
  maxReconnectAttempts: 0,
  connectRate: undefined,
};

/** What happens, and all that the core asks for in answer, in order. */
export type Step = readonly [input: string, ...actions: string[]];

/**
 * Plays a core by lines of text. Connections are numbered in the order of
 * their dials, waiters and warms in the order of their calls.
 *
 * - `acquire KEY [fresh] [within=MS]`: takes an idle connection or waits
 * - `refuse`: an acquire that may not wait; `abort WAITER`
 * - `begun SLOT`, `opened SLOT [spread=S]`, `givenUp SLOT`,
 *   `failed SLOT [fatal] [unclosed] [random=R]`
 * - `release SLOT [reset|discard] [lease=N]`, `reset SLOT ok|bad`
 * - `probe SLOT ok|bad`, `heard SLOT`
 * - `lost SLOT`, `spoiled SLOT`, `closed SLOT`, `lingerEnded`
 * - `at MS`: everything due by then; `skip MS`: only the time; `stall MS`
 * - `warm KEY COUNT [within=MS]`, `endWarm WARM`
 * - `clear`, `close [drain=MS]`
 */
export class Script {
  readonly state: PoolState<Payload>;
  now = 0;
  readonly #slots: Slot<Payload>[] = [];
  readonly #waiters: Waiter<Payload>[] = [];
  readonly #warmers: Warmer<Payload>[] = [];

  constructor(limits: Partial<Limits> = {}) {
    this.state = new PoolState({ ...LIMITS, ...limits });
  }

  play(...steps: Step[]): void {
    for (const [input, ...expected] of steps) {
      const answer = this.#do(input.split(" "));
      const said = this.state.takeActions().map((each) => this.#say(each));
      if (typeof answer === "string") said.unshift(answer);
      assertEquals(said, expected, `after "${input}" at ${this.now} ms`);
    }
  }

  slot(number: string | number | undefined): Slot<Payload> {
    const slot = this.#slots[Number(number) - 1];
    assert(slot, `no slot ${number}`);
    return slot;
  }

  #do([verb = "", first = "", ...rest]: string[]): string | void {
    const { state, now } = this;
    const has = (word: string) => rest.includes(word);
    const number = (name: string, absent: number) => {
      const found = rest.find((each) => each.startsWith(`${name}=`));
      return found === undefined ? absent : Number(found.split("=")[1]);
    };
    switch (verb) {
      case "acquire":
        return this.#acquire(first, has("fresh"), number("within", Infinity));
      case "refuse":
        return `short of ${state.refuseNow()}`;
      case "abort": {
        const waiter = this.#waiters[Number(first) - 1];
        assert(waiter);
        state.abortFirst(waiter.cohort, now);
        return;
      }
      case "begun":
        return state.dialBegun(this.slot(first), now);
      case "opened": {
        const slot = this.slot(first);
        const rests = state.opened(slot, now, number("spread", 0));
        return rests ? "rests" : undefined;
      }
      case "failed": {
        const random = number("random", 0);
        const slot = this.slot(first);
        const isClosed = !has("unclosed");
        state.dialFailed(slot, now, "no", has("fatal"), isClosed, random);
        return;
      }
      case "givenUp":
        return state.closed(this.slot(first), now);
      case "release": {
        const slot = this.slot(first);
        const fate = has("discard")
          ? "discard"
          : has("reset")
          ? "reset"
          : "reuse";
        const lease = number("lease", slot.lease);
        const isSimple = fate === "reuse" && state.ledger.waiting === 0 &&
          !state.ledger.tracksLeaks;
        if (isSimple && restore(state.ledger, slot, lease)) {
          return "restored";
        }
        return state.release(slot, lease, fate, now);
      }
      case "reset":
        return state.resetDone(this.slot(first), has("ok"), now);
      case "probe":
        return state.probeDone(this.slot(first), has("ok"), now);
      case "heard":
        return state.heard(this.slot(first));
      case "lost":
        return state.lost(this.slot(first), now, true, true, 0);
      case "spoiled":
      case "closed":
        return state[verb](this.slot(first), now);
      case "lingerEnded":
        return state.lingerEnded(now);
      case "at":
      case "skip":
        this.now = Number(first);
        if (verb === "at") state.advance(this.now);
        return;
      case "stall":
        return state.stalled(Number(first));
      case "warm": {
        const key = ensureKey(state.ledger, first, first);
        const at = now + number("within", Infinity);
        const id = this.#warmers.length + 1;
        const warmer = state.warm(key, Number(rest[0]), at, id, now);
        this.#warmers.push(warmer);
        return;
      }
      case "endWarm": {
        const warmer = this.#warmers[Number(first) - 1];
        assert(warmer);
        return state.endWarm(warmer, now);
      }
      case "clear":
        return state.clear(now);
      case "close": {
        const drain = first.startsWith("drain=") ? Number(first.slice(6)) : 0;
        return state.close(now, drain);
      }
      default:
        throw new Error(`What is "${verb}"?`);
    }
  }

  #acquire(name: string, fresh: boolean, within: number): string | void {
    const { state, now } = this;
    const key = ensureKey(state.ledger, name, name);
    const slot = fresh ? state.firstUnused(key) : key.idle.at(-1);
    if (slot !== undefined) {
      take(state.ledger, slot);
      state.watch(slot, now);
      return `took ${slot.id}`;
    }
    const id = this.#waiters.length + 1;
    const none = undefined;
    this.#waiters.push(
      state.enqueue(key, within, fresh, none, id, now),
    );
  }

  #say(action: Action<Payload>): string {
    switch (action.kind) {
      case "dial":
        this.#slots.push(action.slot);
        return `dial ${action.slot.id} ${action.slot.key.name}`;
      case "abort-dial":
        return `abort ${action.slot.id} ${action.why}`;
      case "grant":
        return `grant ${action.slot.id} to ${action.waiter.answer}`;
      case "refuse": {
        const { refusal, waiter } = action;
        const detail = "waitingFor" in refusal
          ? ` ${refusal.waitingFor}`
          : "attempts" in refusal
          ? ` ${refusal.attempts}`
          : "";
        return `refuse ${waiter.answer} ${refusal.kind}${detail}`;
      }
      case "retire":
        return `retire ${action.slot.id} ${action.reason}`;
      case "revoke":
        return `revoke ${action.slot.id} ${action.lease}`;
      case "warmed":
        return `warmed ${action.warmer.ticket} ${action.idle}`;
      case "tick":
        return "tick";
      case "closed":
        return `closed ${action.drained} ${action.forced}`;
      default:
        return `${action.kind} ${action.slot.id}`;
    }
  }
}
