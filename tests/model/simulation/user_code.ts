import {
  type ConnectionFailure,
  type DialContext,
  type HookContext,
  InvalidMessageError,
} from "../../../mod.ts";
import type { Dialect } from "./dialect.ts";
import { SECRET } from "./dialect.ts";
import type { Network } from "./network.ts";
import type { Plan, Target } from "./plan.ts";
import type { World } from "./world.ts";

/** Something else than a hook is expected to throw now and then. */
export class Mischief extends Error {}

/** A hook has read a message. */
type OnRead = (message: unknown, connection: number) => void;

/**
 * The functions that the user of the pool has written: they do their work, and
 * while there are faults they throw, hang or take too long now and then.
 */
export class UserCode {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #network: Network;
  readonly #dialect: Dialect;
  /** Hooks under way whose contexts are valid, by target. */
  readonly running: Set<HookContext> = new Set();
  /** Contexts of hooks that are over. */
  readonly stale: HookContext[] = [];
  /** Told of what a hook has read. */
  onRead: OnRead = () => {};
  /** Told that a dial has been decided, where an address is resolved for each. */
  onResolve: (target: Target, attempt: number) => void = () => {};
  /** May call the pool, in the midst of user code. */
  reenter: (where: string) => void = () => {};
  /** Invalid messages that hooks were told of. */
  invalid = 0;
  readonly #resets: Map<number, number> = new Map();
  #runs = 0;

  constructor(plan: Plan, world: World, network: Network, dialect: Dialect) {
    this.#plan = plan;
    this.#world = world;
    this.#network = network;
    this.#dialect = dialect;
  }

  readonly onOpen = (conn: HookContext): void | Promise<void> =>
    this.#run("onOpen", conn, this.#plan.hooks.onOpen === "login");

  readonly onReconnect = (conn: HookContext): void | Promise<void> =>
    this.#run("onReconnect", conn, this.#world.random.chance(0.5));

  readonly reset = (conn: HookContext): void | Promise<void> => {
    this.#resets.set(conn.id, this.resetsOf(conn.id) + 1);
    return this.#run("reset", conn, this.#plan.hooks.reset === "talk");
  };

  readonly healthCheck = async (conn: HookContext): Promise<boolean> => {
    await this.#run(
      "healthCheck",
      conn,
      this.#plan.hooks.healthCheck === "talk",
    );
    return this.#world.isCalm || !this.#world.random.chance(0.25);
  };

  readonly resolveUrl = (context: DialContext): string | Promise<string> => {
    this.onResolve(this.#network.targetOf(context.url), context.attempt);
    const url = new URL(context.url);
    url.searchParams.set("fresh", SECRET);
    if (this.#plan.hooks.resolveUrl === "sync") {
      this.#stumble("resolveUrl");
      return url.href;
    }
    return this.#slowly("resolveUrl", context.signal, url.href);
  };

  readonly headers = (
    context: DialContext,
  ): Record<string, string> | Promise<Record<string, string>> => {
    const headers = { "x-api-key": SECRET };
    return this.#world.random.chance(0.5)
      ? headers
      : this.#slowly("headers", context.signal, headers);
  };

  readonly classify = ({ phase }: ConnectionFailure): "retry" | "fatal" => {
    this.#stumble("classify");
    const isFatal = !this.#world.isCalm && this.#world.random.chance(0.15);
    this.#world.tally.count(`classified: ${phase}`);
    return isFatal ? "fatal" : "retry";
  };

  /** How often a connection was reset. */
  resetsOf(connection: number): number {
    return this.#resets.get(connection) ?? 0;
  }

  /** Whether a hook of this connection is under way. */
  isVisited(connection: number): boolean {
    return [...this.running].some(({ id }) => id === connection);
  }

  #run(
    name: string,
    conn: HookContext,
    talks: boolean,
  ): void | Promise<void> {
    this.#world.tally.count(`hook: ${name}`);
    this.#world.note(`hook ${name} of connection ${conn.id}`);
    this.reenter(name);
    if (!talks && this.#world.random.chance(0.5)) {
      this.#stumble(name);
      return;
    }
    return this.#visit(name, conn, talks);
  }

  async #visit(name: string, conn: HookContext, talks: boolean): Promise<void> {
    this.running.add(conn);
    try {
      await this.#slowly(name, conn.signal, undefined);
      if (talks) await this.#talk(conn);
      this.reenter(name);
    } finally {
      this.running.delete(conn);
      this.stale.push(conn);
    }
  }

  /** Asks something, and reads until the answer comes. */
  async #talk(conn: HookContext): Promise<void> {
    const number = ++this.#runs;
    const tag = { kind: "login", from: conn.id, number };
    await conn.send(this.#dialect.toMessage(tag));
    for (;;) {
      const message = await this.#receive(conn);
      this.onRead(message, conn.id);
      if (this.#dialect.fromMessage(message)?.kind === "welcome") return;
    }
  }

  async #receive(conn: HookContext): Promise<unknown> {
    try {
      return await conn.receive();
    } catch (error) {
      if (error instanceof InvalidMessageError) this.invalid++;
      throw error;
    }
  }

  /** Takes its time, or for ever; or fails. */
  async #slowly<T>(name: string, signal: AbortSignal, result: T): Promise<T> {
    const { random, isCalm, tally } = this.#world;
    if (!isCalm && random.chance(this.#plan.hookTrouble)) {
      tally.count(`hangs: ${name}`);
      // One that does not even listen to its signal.
      if (random.chance(0.5)) await new Promise(() => {});
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    }
    if (random.chance(0.5)) {
      await new Promise<void>((resolve) =>
        this.#world.after(random.below(20), resolve)
      );
    }
    this.#stumble(name);
    return result;
  }

  #stumble(name: string): void {
    const { random, isCalm, tally } = this.#world;
    if (isCalm || !random.chance(this.#plan.hookTrouble)) return;
    tally.count(`throws: ${name}`);
    throw new Mischief(`${name} failed`);
  }
}
