import type {
  ConnectionPool,
  ConnectionPoolConfig,
  HookContext,
} from "@jetsocket/pool";
import type { RuntimeName } from "../support/runtime_profile.ts";
import type { VirtualClock } from "../support/virtual_clock.ts";
import {
  createVirtualPool,
  type VirtualPool,
} from "../support/virtual_pool.ts";
import { Post } from "./post.ts";
import type { Dice, Race } from "./race.ts";
import { introduction, RaceSocket } from "./race_socket.ts";

/** Limits of every race, in ms: a few hundred, so that acts can overtake them. */
const LIMITS = {
  acquireTimeout: 1_000,
  resetTimeout: 300,
  healthCheckTimeout: 300,
  healthCheckInterval: 2_000,
};
const SOCKET_LIMITS = { connectTimeout: 400, closeTimeout: 500 };

/** Which hooks take part, and how much there is of everything. */
export interface RaceOptions {
  readonly maxConnections: number;
  readonly maxWaiting?: number;
  readonly idleMessages?: "discard" | "retire";
  readonly reconnects?: boolean;
  readonly resolves?: boolean;
  readonly resets?: boolean;
  readonly probes?: boolean;
  /** Whether a lease whose peer says nothing for 150 ms loses its socket. */
  readonly beats?: boolean;
}

/** A pool whose hooks and servers act when the race has them do so. */
export class RaceWorld {
  readonly race: Race;
  readonly dice: Dice;
  readonly options: RaceOptions;
  readonly runtime: RuntimeName;
  readonly post: Post = new Post();
  readonly sockets: RaceSocket[] = [];
  readonly #virtual: VirtualPool<unknown, unknown>;
  readonly #startedAt: number;
  /** While it holds, hooks and servers answer at once, and all is well. */
  isPeaceful = true;
  isClosed = false;
  /** Whether anything has ended, or failed, that was not asked to by its lease. */
  hasEnds = false;
  failures = 0;
  readonly #probes: Set<HookContext> = new Set();
  /** What a check found in a callback, to be thrown where the race sees it. */
  #fault: unknown;

  constructor(
    race: Race,
    dice: Dice,
    runtime: RuntimeName,
    options: RaceOptions,
  ) {
    this.race = race;
    this.dice = dice;
    this.runtime = runtime;
    this.options = options;
    this.#virtual = createVirtualPool(this.#config(), { runtime });
    this.#startedAt = this.clock.time;
    this.pool.addEventListener("acquire", ({ connectionId }) => {
      this.post.granted(connectionId);
    });
  }

  get pool(): ConnectionPool {
    return this.#virtual.pool;
  }

  get clock(): VirtualClock {
    return this.#virtual.clock;
  }

  /** Frames that reached a server. */
  get sentCount(): number {
    return this.sockets.reduce((sum, { sent }) => sum + sent.length, 0);
  }

  /** Whether a dial can have run out of time. */
  get mayHaveTimedOut(): boolean {
    return this.clock.time - this.#startedAt >= SOCKET_LIMITS.connectTimeout;
  }

  /** Probes that may be under way. */
  get probing(): number {
    return [...this.#probes].filter(({ signal }) => !signal.aborted).length;
  }

  /** Runs a check in a callback: what it throws comes out at the next check. */
  judge(check: () => void): void {
    try {
      check();
    } catch (fault) {
      this.#fault ??= fault;
    }
  }

  assertFaultless(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  #config(): ConnectionPoolConfig {
    const { options } = this;
    return {
      ...LIMITS,
      maxConnections: options.maxConnections,
      maxConnecting: 2,
      maxWaiting: options.maxWaiting ?? Infinity,
      idleMessages: options.idleMessages ?? "discard",
      ...(options.resets ? { reset: (conn) => this.#reset(conn) } : {}),
      ...(options.probes ? { healthCheck: (conn) => this.#probe(conn) } : {}),
      websocket: {
        ...SOCKET_LIMITS,
        factory: (url, { protocols }) => this.#dial(url, protocols),
        onOpen: (conn) => this.#open(conn),
        ...(options.resolves
          ? { resolveUrl: ({ url }) => this.#hook("resolveUrl", url) }
          : {}),
        ...(options.beats
          ? { heartbeat: { interval: 100, timeout: 50, ping: "ping" } }
          : {}),
        reconnect: options.reconnects
          ? { minDelay: 50, maxDelay: 200, maxAttempts: 3 }
          : false,
      },
    };
  }

  #dial(url: string, protocols: string[]): RaceSocket {
    const { runtime } = this;
    const socket = new RaceSocket(url, { protocols, runtime });
    this.sockets.push(socket);
    const name = `socket ${this.sockets.length}`;
    socket.onClose = () => this.#closing(socket, name);
    if (this.isPeaceful) {
      queueMicrotask(() => socket.open());
      return socket;
    }
    const fate = this.dice.pick(["opens", "opens", "opens", "fails", "hangs"]);
    this.race.note(`${name}: it ${fate}`);
    if (fate === "hangs") this.failures++;
    else {
      this.race.add(`${name} ${fate}`, () => {
        if (fate === "opens") socket.open();
        else if (!socket.ended) {
          this.failures++;
          socket.fail();
        }
      });
    }
    return socket;
  }

  /** The pool has closed a socket: its server answers some time, breaks off, or never does. */
  #closing(socket: RaceSocket, name: string): void {
    this.hasEnds = true;
    if (this.isPeaceful || socket.ended) return;
    socket.answersClose = false;
    const fate = this.dice.pick(["answers", "answers", "breaks off", "hangs"]);
    this.race.note(`${name}: close, it ${fate}`);
    if (fate === "hangs") return;
    this.race.add(`${name} ${fate}`, () => {
      if (fate === "answers") socket.peerClose(1_000);
      else socket.reset();
    });
  }

  async #open(conn: HookContext): Promise<void> {
    void conn.sendRaw(introduction(conn.id)).catch(() => {});
    await this.#hook("onOpen", undefined);
  }

  async #reset(conn: HookContext): Promise<void> {
    if (!this.isPeaceful && this.dice.once(3)) {
      const message = await conn.receive({ timeout: 100 });
      this.judge(() => void this.post.deliver(message, "hook"));
    }
    await this.#hook("reset", undefined);
  }

  async #probe(conn: HookContext): Promise<boolean> {
    this.#probes.add(conn);
    const isHealthy = this.isPeaceful || !this.dice.once(4);
    try {
      return await this.#hook("healthCheck", isHealthy);
    } finally {
      this.#probes.delete(conn);
    }
  }

  /** A hook ends when the race has it end; or fails; or never ends. */
  #hook<T>(name: string, result: T): Promise<T> {
    if (this.isPeaceful) return Promise.resolve(result);
    const fate = this.dice.pick(["ends", "ends", "ends", "fails", "hangs"]);
    this.race.note(`${name}: it ${fate}`);
    if (fate !== "ends") this.failures++;
    return new Promise((resolve, reject) => {
      if (fate === "hangs") return;
      this.race.add(`${name} ${fate}`, () => {
        if (fate === "ends") resolve(result);
        else reject(new Error(`${name} failed`));
      });
    });
  }
}
