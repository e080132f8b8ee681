import { ConnectionPool } from "../../../mod.ts";
import { ENVIRONMENT } from "../../../src/io/clock.ts";
import { Auditor } from "./auditor.ts";
import { BackoffBook } from "./backoff_book.ts";
import { Callers } from "./callers.ts";
import { Conduct } from "./conduct.ts";
import { Dialect } from "./dialect.ts";
import { EventBook } from "./event_book.ts";
import { Faults } from "./faults.ts";
import { Holders } from "./holders.ts";
import { LeaseBook } from "./lease_book.ts";
import { Network } from "./network.ts";
import { makePlan, type Plan, SHORTEST_TIMEOUT } from "./plan.ts";
import { Beat, configOf } from "./pool_config.ts";
import { Random } from "./random.ts";
import { findInspected, findSecret } from "./secrets.ts";
import { Settlement } from "./settlement.ts";
import { Tally } from "./tally.ts";
import { Mischief, UserCode } from "./user_code.ts";
import { World } from "./world.ts";

/** After the faults every caller is served within this, in ms, and the pool at rest. */
const CALM = 6_000;

/** So often, meanwhile, everybody gives back what they hold. */
const ROUNDS = 12;

/** Things callers do while the pool closes. */
const FAREWELLS = 12;

/** The life of one pool as a seed decides it. */
export class Simulation {
  readonly plan: Plan;
  readonly tally: Tally = new Tally();
  readonly #world: World;
  readonly #network: Network;
  readonly #pool: ConnectionPool;
  readonly #callers: Callers;
  readonly #holders: Holders;
  readonly #auditor: Auditor;
  readonly #events: EventBook;
  readonly #userCode: UserCode;
  readonly #beat: Beat;
  readonly #conduct: Conduct;
  readonly #backoffs: BackoffBook;

  constructor(seed: number) {
    this.plan = makePlan(seed);
    const random = new Random(seed ^ 0x5eed);
    this.#world = new World(random.fork(), this.tally);
    const { plan } = this;
    const world = this.#world;
    const dialect = new Dialect(plan.codec, plan.hasSchema);
    this.#network = new Network(plan, world, dialect);
    this.#userCode = new UserCode(plan, world, this.#network, dialect);
    this.#beat = new Beat(plan, dialect);
    const show = (line: string) => this.#inspect("a log line", line);
    const config = {
      ...configOf(
        plan,
        this.#network,
        this.#userCode,
        dialect,
        this.#beat.config,
        { debug: show, info: show, warn: show, error: show },
      ),
      [ENVIRONMENT]: { clock: world.clock, random: random.fork().next },
    };
    this.#pool = new ConnectionPool(config);
    this.#events = new EventBook(world, plan, this.#pool);
    const settlement = new Settlement(world);
    settlement.onError = (error) => this.#inspect("an error", error);
    const book = new LeaseBook(world, this.#network, dialect);
    this.#userCode.onRead = (message, id) => book.readByHook(message, id);
    this.#callers = new Callers({
      plan,
      world,
      pool: this.#pool,
      book,
      events: this.#events,
      settlement,
      userCode: this.#userCode,
    });
    this.#holders = new Holders(this.#callers, dialect);
    this.#conduct = new Conduct(this.#callers, this.#holders);
    this.#auditor = new Auditor(this.#callers, this.#holders, this.#network);
    this.#backoffs = new BackoffBook(
      world,
      this.#network,
      plan,
      this.#userCode,
      this.#events,
    );
    this.#listen();
    new Faults(plan, world, this.#network).begin();
  }

  /** The last of what happened. */
  get trace(): string[] {
    return this.#world.trace;
  }

  /** @throws {Error} The first promise of the pool that was broken */
  async run(): Promise<void> {
    this.tally.count(`runtime: ${this.plan.runtime}`);
    const { calls, isCutShort, ends } = this.plan;
    await this.#live(calls);
    if (!isCutShort) await this.#calmDown();
    this.#callers.close(ends);
    await this.#live(FAREWELLS);
    await this.#windUp();
  }

  /** Callers do so many things, one after the other. */
  async #live(calls: number): Promise<void> {
    for (let left = calls; left > 0; left--) {
      this.#conduct.call();
      this.#world.isSettled = false;
      if (this.#world.random.chance(this.plan.haste)) await this.#hurry();
      else await this.#pass(this.#conduct.gap());
    }
    await this.#look();
  }

  /** The faults have stopped: everybody is served, and the pool comes to rest. */
  async #calmDown(): Promise<void> {
    const world = this.#world;
    world.note("the faults stop");
    world.isCalm = true;
    this.#network.calmDown();
    for (let round = 0; round < ROUNDS; round++) {
      this.#conduct.releaseAll();
      await this.#pass(CALM / ROUNDS);
    }
    const { acquires } = this.#callers;
    world.expect(acquires.size === 0, "4.2 someone waits for ever");
    for (const target of this.plan.targets) {
      // A queue without places refuses whoever comes while something is under way.
      await this.#passUntil(() => this.#pool.stats().activeConnections === 0);
      const { granted } = this.#callers.outcomes;
      this.#callers.acquire({ timeout: CALM }, target);
      const isServed = await this.#passUntil(
        () => this.#callers.outcomes.granted > granted,
      );
      world.expect(
        isServed,
        `I8 not served though all is well: ${target.path}`,
      );
      this.#conduct.releaseAll();
      await this.#look();
    }
    const isAtRest = await this.#passUntil(() => {
      const stats = this.#pool.stats();
      return stats.activeConnections + stats.connectingConnections +
              stats.waiting + stats.closingConnections +
              stats.lingeringSockets === 0 &&
        stats.idleConnections === this.#network.live;
    });
    world.expect(isAtRest, "4.2 the pool comes to rest");
    world.verify();
  }

  /** 4.5: who still holds a connection has it again. */
  async #verifyReconnects(): Promise<void> {
    const { connectRate, limits } = this.plan;
    // Where sockets are replaced all the time, one of them may be on its way.
    if (!this.#events.hears("lost") || connectRate !== undefined) return;
    if (limits.maxLifetime !== Infinity) return;
    const { held } = this.#callers;
    await this.#passUntil(() =>
      [...held].every(({ conn, isOver }) => isOver || conn.isConnected)
    );
    for (const { id, conn, isOver } of held) {
      const isWell = isOver || conn.isConnected;
      this.#world.expect(isWell, `4.5 lease ${id} is never reconnected`);
    }
  }

  /** After the close: it resolves in time, and nothing is left. */
  async #windUp(): Promise<void> {
    const { ends, timeouts, limits } = this.plan;
    await this.#pass(ends.drainTimeout + timeouts.close + 1);
    this.#world.expect(this.#pool.closed, "4.8 closed");
    this.#conduct.releaseAll();
    await this.#pass(limits.resetTimeout + SHORTEST_TIMEOUT);
    this.#callers.acquire({});
    await this.#look();
    // What sockets do that were abandoned is nobody's concern.
    this.#world.isCalm = true;
    this.#network.calmDown();
    await this.#pass(1_000);
    this.#auditor.verifyEnd(this.#beat.taken);
    for (const shown of [this.#pool, this.#pool.stats()]) {
      const secret = findInspected(shown);
      this.#world.expect(secret === undefined, `4.10 the pool shows ${secret}`);
    }
    this.#world.verify();
  }

  // Time

  /** Lets time pass: what is planned happens, timers fire, and all is looked at after each. */
  async #pass(duration: number): Promise<void> {
    const world = this.#world;
    const end = world.now + duration;
    for (;;) {
      // Time moves when nothing is left that can be done without.
      await this.#look();
      const timerAt = Math.max(world.now, world.clock.nextAt ?? Infinity);
      const plannedAt = Math.max(world.now, world.nextAt);
      if (Math.min(timerAt, plannedAt) > end) break;
      // What comes at the same time comes in either order.
      const isTimer = timerAt < plannedAt ||
        (timerAt === plannedAt && world.random.chance(0.5));
      if (isTimer) {
        await world.clock.advanceTo(timerAt);
      } else {
        world.clock.jump(plannedAt - world.now);
        world.happenNext();
      }
    }
    if (end > world.now) world.clock.jump(end - world.now);
  }

  /** Lets time pass till something is so, or for long enough. @returns Whether it is */
  async #passUntil(isSo: () => boolean): Promise<boolean> {
    const end = this.#world.now + CALM;
    while (!isSo() && this.#world.now < end) await this.#pass(CALM / 100);
    return isSo();
  }

  /** Looks at everything, once nothing is left that can be done without time. */
  async #look(): Promise<void> {
    const { clock } = this.#world;
    await clock.settle();
    this.#world.isSettled = true;
    this.#auditor.verifyAlways();
    // What is due and late has not been done yet.
    if ((clock.nextAt ?? Infinity) > this.#world.now) this.#auditor.verify();
    this.#world.verify();
  }

  /** The next call comes before all is done that the last one led to. */
  async #hurry(): Promise<void> {
    const { random } = this.#world;
    this.#auditor.verifyAlways();
    for (let turns = random.below(12); turns > 0; turns--) await undefined;
    this.#auditor.verifyAlways();
    this.#world.verify();
  }

  // User code

  #listen(): void {
    const { random } = this.#world;
    this.#userCode.reenter = (where) => this.#conduct.reenter(where);
    this.#conduct.onClear = () => {
      this.#backoffs.clear();
      this.#events.clear();
    };
    this.#events.onEvent = (event) => {
      this.#backoffs.note(event);
      if ("url" in event) {
        const isTrouble = ["connectfailed", "lost", "reconnecting", "retire"]
          .includes(event.type);
        const target = this.#network.targetOf(event.url);
        if (isTrouble) this.#auditor.noteTrouble(target);
      }
      if (
        "connectionId" in event &&
        (event.type === "lost" || event.type === "retire")
      ) {
        for (const lease of this.#callers.held) {
          if (lease.conn.id === event.connectionId) lease.isOver = true;
        }
      }
      this.#conduct.reenter(event.type);
      if (random.chance(this.plan.reentrancy / 4)) {
        throw new Mischief("a listener failed");
      }
    };
  }

  #inspect(what: string, shown: unknown): void {
    const secret = findSecret(shown);
    this.#world.expect(secret === undefined, `4.10 ${what} shows ${secret}`);
  }
}
