import { assert } from "@std/assert";
import {
  type AcquireOptions,
  ConnectError,
  PoolClosedError,
  type PooledConnection,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { ROUNDS } from "../../src/io/turn.ts";
import { Holder } from "./holder.ts";
import type { RaceWorld } from "./race_world.ts";

/** How an acquire ended. */
export type Outcome =
  | "pending"
  | "granted"
  | "aborted"
  | "closed"
  | "exhausted"
  | "failed";

/** One acquire, and the lease that comes of it. */
export class Caller {
  readonly path: string;
  /** Whether only a connection will do that nobody has leased before. */
  readonly isFresh: boolean;
  readonly #world: RaceWorld;
  readonly #abort: AbortController = new AbortController();
  readonly #reason: Error = new Error("the caller has left");
  readonly #timeout: number;
  /** Its time counts from the call, or from the end of the call's turn. */
  readonly #earliest: number;
  #latest = Infinity;
  outcome: Outcome = "pending";
  holder: Holder | undefined;

  constructor(
    world: RaceWorld,
    path: string,
    options: AcquireOptions,
  ) {
    this.path = path;
    this.isFresh = options.fresh === true;
    this.#world = world;
    this.#timeout = options.timeout ?? 1_000;
    this.#earliest = world.clock.time + this.#timeout;
    void this.#awaitTurn();
    const { signal } = this.#abort;
    world.pool.acquire(path, { ...options, signal }).then(
      (conn) => world.judge(() => this.#granted(conn)),
      (reason) => world.judge(() => this.#refused(reason)),
    );
  }

  /** A turn lasts for so many rounds at most. */
  async #awaitTurn(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) await undefined;
    this.#latest = this.#world.clock.time + this.#timeout;
  }

  abort(): void {
    this.#abort.abort(this.#reason);
  }

  /** Whether it should have been answered by now. */
  get isOverdue(): boolean {
    return this.outcome === "pending" &&
      this.#world.clock.time > this.#latest;
  }

  #granted(conn: PooledConnection): void {
    assert(this.outcome === "pending", "an acquire is answered two times");
    this.outcome = "granted";
    const holder = new Holder(this.#world, conn);
    this.holder = holder;
    const { dice, race } = this.#world;
    const name = `lease of ${conn.id}`;
    const uses = ["read", "iterate", "flow", "send"] as const;
    for (let use = dice.pick([0, 1, 1, 2]); use > 0; use--) {
      const kind = dice.pick(uses);
      race.add(`${name}: ${kind}`, () => {
        if (!holder.isOver) holder[kind]();
      });
    }
    // Some never give it back; some do so two times.
    for (let end = dice.pick([1, 1, 1, 2, 0]); end > 0; end--) {
      race.add(`${name}: ends`, () => holder.end());
    }
  }

  #refused(reason: unknown): void {
    assert(this.outcome === "pending", "an acquire is answered two times");
    const world = this.#world;
    const isDue = world.clock.time >= this.#earliest;
    if (reason === this.#reason) {
      assert(this.#abort.signal.aborted, "nobody aborted");
      this.outcome = "aborted";
    } else if (reason instanceof PoolClosedError) {
      assert(world.isClosed, "nobody closed the pool");
      this.outcome = "closed";
    } else if (reason instanceof PoolExhaustedError) {
      assert(
        reason.reason === "timeout"
          ? isDue
          : world.options.maxWaiting !== undefined,
        `exhausted before its time: ${reason.message}`,
      );
      this.outcome = "exhausted";
    } else if (reason instanceof ConnectError) {
      assert(
        reason.timedOut
          ? isDue || world.mayHaveTimedOut
          : world.failures > 0 || world.hasEnds,
        `no dial failed: ${reason.message}`,
      );
      this.outcome = "failed";
    } else throw reason;
  }
}
