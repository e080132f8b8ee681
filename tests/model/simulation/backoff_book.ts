import type { PoolEventMap } from "../../../mod.ts";
import type { EventBook } from "./event_book.ts";
import type { Network } from "./network.ts";
import { type Plan, SHORTEST_TIMEOUT, type Target } from "./plan.ts";
import type { UserCode } from "./user_code.ts";
import type { World } from "./world.ts";

/**
 * When the key of a failed dial may be dialled again at the earliest: the
 * backoff's shortest delay, which is capped for callers who have little time.
 */
export class BackoffBook {
  readonly #world: World;
  readonly #network: Network;
  readonly #shortest: number;
  /** When the last trial of a target failed, unless one succeeded since. */
  readonly #failedAt: Map<Target, number> = new Map();

  readonly #lostAt: Map<Target, number> = new Map();

  constructor(
    world: World,
    network: Network,
    { reconnect }: Plan,
    userCode: UserCode,
    events: EventBook,
  ) {
    this.#world = world;
    this.#network = network;
    const delay = reconnect === false
      ? 0
      : reconnect.minDelay * (1 - reconnect.jitter);
    this.#shortest = Math.min(delay, SHORTEST_TIMEOUT / 2);
    if (events.isComplete) {
      userCode.onResolve = (target) => this.#verifyDial(target);
    }
  }

  note(event: PoolEventMap[keyof PoolEventMap]): void {
    if (!("url" in event)) return;
    const target = this.#network.targetOf(event.url);
    const { now } = this.#world;
    if (event.type === "lost" || event.type === "reconnecting") {
      this.#lostAt.set(target, now);
    } else if (event.type === "connect" || event.type === "reconnect") {
      this.#failedAt.delete(target);
    } else if (event.type === "connectfailed" && "error" in event) {
      const troubleAt = Math.max(
        this.#failedAt.get(target) ?? -Infinity,
        this.#lostAt.get(target) ?? -Infinity,
      );
      // Dials that were under way together are one trial; so is one that was when a connection broke.
      const isSame = now - event.duration <= troubleAt && !event.error.fatal;
      if (!isSame) this.#failedAt.set(target, now);
    }
  }

  /** `clear` forgets all failures. */
  clear(): void {
    this.#failedAt.clear();
  }

  #verifyDial(target: Target): void {
    const failedAt = this.#failedAt.get(target);
    if (failedAt === undefined) return;
    const { now } = this.#world;
    this.#world.expect(
      now >= failedAt + this.#shortest,
      `4.2 ${target.path} failed at ${failedAt} and is dialled at ${now}`,
    );
  }
}
