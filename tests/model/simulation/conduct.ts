import type { Callers } from "./callers.ts";
import type { Holders } from "./holders.ts";
import { SHORTEST_TIMEOUT } from "./plan.ts";

/** What callers do, and how often in the mean. */
const CALLS: ReadonlyMap<string, number> = new Map([
  ["say", 12],
  ["read", 14],
  ["release", 8],
  ["misuse", 1],
  ["abort", 2],
  ["use", 2],
  ["warm", 1],
  ["tryAcquire", 2],
  ["clear", 0.3],
  ["stale hook", 0.5],
  ["rest", 0.7],
]);

const ZEAL = [0.2, 1, 1, 4];

/** Which of all the things callers do comes next, and when. */
export class Conduct {
  readonly #callers: Callers;
  readonly #holders: Holders;
  /** Every seed has habits of its own, so that each corner is somebody's main road. */
  readonly #habits: ReadonlyMap<string, number>;
  /** Told before the pool is cleared. */
  onClear: () => void = () => {};
  /** How long nobody calls after the present call, in ms. */
  #rest = 0;

  constructor(callers: Callers, holders: Holders) {
    this.#callers = callers;
    this.#holders = holders;
    const { random } = callers.setting.world;
    this.#habits = new Map(
      [...CALLS].map(([name, weight]) => [name, weight * random.pick(ZEAL)]),
    );
  }

  /** How long it is till the next call, in ms. */
  gap(): number {
    const { random } = this.#callers.setting.world;
    if (random.chance(0.3)) return 0;
    const gap = random.next() * 2 * this.#callers.setting.plan.callGap;
    const rest = this.#rest;
    this.#rest = 0;
    return Math.floor(gap) + rest;
  }

  /** Everybody gives back what they hold. */
  releaseAll(): void {
    const { held, lent } = this.#callers;
    for (const lease of [...held]) {
      // Listeners may have given it back meanwhile.
      if (held.has(lease) && !lent.has(lease)) this.#holders.giveBack(lease);
    }
  }

  /** Does the next thing. */
  call(): void {
    const { held, acquires } = this.#callers;
    const { random, tally } = this.#callers.setting.world;
    const isHungry =
      held.size + acquires.size < this.#callers.setting.plan.appetite;
    if (isHungry && random.chance(0.5)) {
      this.#acquire();
      return;
    }
    const call = random.weighted(this.#habits);
    tally.count(`call: ${call}`);
    this.#perform(call);
  }

  #perform(call: string): void {
    const { random } = this.#callers.setting.world;
    const lease = this.#holders.pick();
    switch (call) {
      case "say":
        return lease && this.#holders.say(lease);
      case "read":
        return lease && this.#holders.read(lease);
      case "release":
        return lease && this.#holders.giveBack(lease);
      case "misuse":
        return this.#holders.misuse();
      case "abort":
        return this.#callers.abort();
      case "use":
        return this.#callers.use();
      case "warm":
        return this.#callers.warm();
      case "tryAcquire":
        return this.#callers.tryAcquire();
      case "clear":
        this.#callers.setting.world.note("clear");
        this.onClear();
        return this.#callers.setting.pool.clear("by the way");
      case "stale hook":
        return this.#useStaleHook();
      case "rest":
        // Long enough for idle connections to be probed, and to age.
        this.#rest = random.between(300, 3_000);
        return this.releaseAll();
    }
  }

  #acquire(): void {
    const { random, tally } = this.#callers.setting.world;
    tally.count("call: acquire");
    if (random.chance(0.5)) return this.#callers.acquire({});
    this.#callers.acquire({
      timeout: random.pick([0, SHORTEST_TIMEOUT, 200, 2_000]),
      ...random.chance(0.2) && { fresh: true },
    });
  }

  /** A hook that is over can do nothing through its context. */
  #useStaleHook(): void {
    const context = this.#callers.setting.world.random.pickAny(
      this.#callers.setting.userCode.stale,
    );
    if (context === undefined) return;
    this.#callers.setting.settlement.watch(
      "receive of a dead hook",
      context.receive(),
      this.#callers.setting.world.now,
      () => undefined,
      () =>
        this.#callers.setting.world.violated(
          "3.1 a hook's context is dead after it",
        ),
    );
  }

  /** User code may call the pool at any moment. */
  reenter(where: string): void {
    const { random, tally, isCalm, depth } = this.#callers.setting.world;
    if (isCalm || depth > 1 || this.#callers.isClosing) return;
    if (!random.chance(this.#callers.setting.plan.reentrancy)) return;
    this.#callers.setting.world.depth++;
    this.#callers.setting.world.isSettled = false;
    this.#callers.setting.world.note(`within ${where}:`);
    tally.count(`re-entered from ${where}`);
    this.call();
    this.#callers.setting.world.depth--;
  }
}
