import type { ConnectionPool, PoolEventMap, PoolStats } from "../../../mod.ts";
import { EVENT_TYPES } from "../../support/event_types.ts";
import type { Plan } from "./plan.ts";
import { findSecret } from "./secrets.ts";
import type { World } from "./world.ts";

type PoolEvent = PoolEventMap[keyof PoolEventMap];

/** What the events have said of one connection. */
interface Known {
  isLeased: boolean;
  isBetween: boolean;
  isOver: boolean;
  /** Whether the pool was cleared since it connected. */
  isCleared: boolean;
  /** Deliveries in all when it connected, and when its lease began. */
  readonly openedAfter: number;
  leasedAfter: number;
}

/** The events of a pool: a story that agrees with itself and with the statistics. */
export class EventBook {
  /** Told of each event, once it is in the book; may call the pool. */
  onEvent: (event: PoolEvent) => void = () => {};
  readonly #world: World;
  readonly #known: Map<number, Known> = new Map();
  readonly #counts: Map<string, number> = new Map();
  readonly #heard: ReadonlySet<string>;

  readonly #leakThreshold: number;

  constructor(world: World, { listens, limits }: Plan, pool: ConnectionPool) {
    this.#world = world;
    this.#leakThreshold = limits.leakThreshold;
    const types = listens === "all"
      ? EVENT_TYPES
      : listens === "most"
      ? EVENT_TYPES.filter((type) => type !== "release" && type !== "acquire")
      : [];
    this.#heard = new Set<string>(types);
    for (const type of types) {
      pool.addEventListener(type, (event) => this.#note(event));
    }
  }

  /** Whether the whole story is told. */
  get isComplete(): boolean {
    return this.#heard.size === EVENT_TYPES.length;
  }

  hears(type: string): boolean {
    return this.#heard.has(type);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /**
   * Deliveries in all before the first that a lease may read: a lease that is
   * granted as the connection opens hears the greeting too.
   */
  leaseBegan(connection: number, isReused: boolean): number | undefined {
    const known = this.#known.get(connection);
    if (known === undefined || !this.isComplete) return undefined;
    const isGreeted = !isReused && known.leasedAfter === known.openedAfter;
    return isGreeted ? -1 : known.leasedAfter;
  }

  /** The pool is cleared: what is connected now is leased to nobody any more. */
  clear(): void {
    // Within a listener a grant may be decided already that is not told yet.
    if (this.#world.depth > 0) return;
    for (const known of this.#known.values()) known.isCleared = true;
  }

  /** Whether a connection has left the pool. */
  isOver(connection: number): boolean {
    return this.#known.get(connection)?.isOver === true;
  }

  /** What the statistics say is what the events have said. */
  verify(stats: PoolStats): void {
    const { retired } = stats;
    const counts: [string, number][] = [
      ["connect", stats.totalConnections],
      ["reconnect", stats.totalReconnects],
      ["connectfailed", stats.totalConnectFailures],
      ["acquire", stats.totalAcquired],
      ["release", stats.totalReleased],
      ["exhausted", stats.totalExhausted],
      ["healthcheck: failed", stats.totalHealthCheckFailures],
      ["dropped", stats.totalMessagesDropped],
      ...Object.entries(retired).flatMap(([reason, count]) =>
        reason === "lost" || reason === "discarded"
          ? []
          : [[`retire: ${reason}`, count] satisfies [string, number]]
      ),
    ];
    for (const [name, count] of counts) {
      const [type = ""] = name.split(":");
      if (!this.hears(type === "dropped" ? "gap" : type)) continue;
      this.#world.expect(
        this.of(name) === count,
        `3.5 ${this.of(name)} events of ${name}, ${count} in the statistics`,
      );
    }
    if (!this.hears("lost") || !this.hears("retire")) return;
    this.#world.expect(
      this.of("lost") + this.of("retire: lost") === retired.lost,
      "3.5 each loss is told once",
    );
  }

  #note(event: PoolEvent): void {
    const { type } = event;
    const name = "connectionId" in event ? `${event.connectionId} ` : "";
    this.#world.note(`event ${type} ${name}${event.reason}`);
    this.#world.tally.count(`event: ${type}`);
    this.#world.tally.count(`${type}: ${event.reason}`);
    this.#count(type);
    this.#count(`${type}: ${event.reason}`);
    if ("dropped" in event) this.#count("dropped", event.dropped);
    const secret = findSecret(event);
    if (secret !== undefined) {
      this.#world.violated(`4.10 ${type} shows ${secret}`);
    }
    this.#tell(event);
    this.onEvent(event);
  }

  #tell(event: PoolEvent): void {
    if (event.type === "connect" && "connectionId" in event) {
      const { connectionId = 0 } = event;
      const isNew = !this.#known.has(connectionId);
      this.#world.expect(isNew, `3.5 connect twice: ${connectionId}`);
      this.#known.set(connectionId, {
        isLeased: false,
        isBetween: false,
        isOver: false,
        isCleared: false,
        openedAfter: this.#world.deliveries,
        leasedAfter: Infinity,
      });
    }
    if (!("connectionId" in event) || event.connectionId === undefined) return;
    if ("duration" in event) {
      this.#world.expect(event.duration >= 0, `a negative ${event.type} time`);
    }
    const known = this.#known.get(event.connectionId);
    const what = `${event.type} of connection ${event.connectionId}`;
    if (known === undefined) {
      // Its first dial has failed.
      const isNone = event.type === "connectfailed" || event.type === "gap";
      return this.#world.expect(isNone, `3.5 ${what}: it was never open`);
    }
    this.#advance(event, known, what);
  }

  #advance(event: PoolEvent, known: Known, what: string): void {
    const expect = (holds: boolean) =>
      this.#world.expect(holds, `3.5 ${what} in a state that knows no such`);
    switch (event.type) {
      case "acquire":
        expect(!known.isLeased && !known.isOver && !known.isCleared);
        known.isLeased = true;
        known.leasedAfter = this.#world.deliveries;
        break;
      case "release":
        expect(known.isLeased || !this.hears("acquire"));
        known.isLeased = false;
        known.isBetween = false;
        break;
      case "reconnecting":
        expect(!known.isBetween && !known.isOver);
        known.isBetween = true;
        break;
      case "reconnect":
        expect(known.isBetween && !known.isOver);
        known.isBetween = false;
        break;
      case "retire":
      case "lost":
        expect(!known.isOver);
        known.isOver = true;
        break;
      case "leak":
        expect("duration" in event && event.duration >= this.#leakThreshold);
        break;
      case "healthcheck":
        expect(!known.isLeased || !this.hears("acquire"));
    }
  }

  #count(name: string, times = 1): void {
    this.#counts.set(name, this.of(name) + times);
  }
}
