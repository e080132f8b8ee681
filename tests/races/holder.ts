import { assert, assertEquals } from "@std/assert";
import {
  ConnectionLostError,
  LeaseReleasedError,
  PoolClosedError,
  type PooledConnection,
} from "@jetsocket/pool";
import { observe, type Observed } from "../support/virtual_pool.ts";
import type { Tenancy } from "./post.ts";
import type { RaceWorld } from "./race_world.ts";

/** Longer than any time the acts of a race let pass, in ms. */
const READ_TIMEOUT = 40;

/** The ways of giving a connection back. */
const ENDS = {
  release: (conn: PooledConnection) => conn.release(),
  discard: (conn: PooledConnection) => conn.discard(),
  "release to discard": (conn: PooledConnection) =>
    conn.release({ discard: true }),
  "async disposal": (conn: PooledConnection) => conn[Symbol.asyncDispose](),
} as const;

const END_NAMES = [
  "release",
  "release",
  "discard",
  "release to discard",
  "async disposal",
] as const;

/** Somebody who holds a lease, uses it in every way and gives it back. */
export class Holder {
  readonly conn: PooledConnection;
  readonly #world: RaceWorld;
  readonly #tenancy: Tenancy | undefined;
  readonly #promises: [what: string, promise: Observed<unknown>][] = [];
  #given: Promise<void> | undefined;

  constructor(world: RaceWorld, conn: PooledConnection) {
    this.#world = world;
    this.conn = conn;
    this.#tenancy = world.post.tenantOf(conn.id);
  }

  /** Whether the lease was given back. */
  get isOver(): boolean {
    return this.#given !== undefined;
  }

  read(): void {
    const read = this.conn.receive({ timeout: READ_TIMEOUT });
    this.#watch("receive", read.then((message) => this.#got(message)));
  }

  iterate(): void {
    const loop = async () => {
      let last = -1;
      for await (const message of this.conn) {
        const n = this.#got(message);
        assert(n > last, "messages came out of order");
        last = n;
        if (this.#world.dice.once(3)) break;
      }
    };
    this.#watch("iteration", loop());
  }

  flow(): void {
    const deliver = (message: unknown) => void this.#got(message);
    this.#watch("forEach", this.conn.forEach(deliver));
  }

  send(): void {
    const text = `lease ${this.#tenancy?.connectionId} of a holder`;
    this.#watch("send", this.conn.send(text, { timeout: READ_TIMEOUT }));
  }

  /** Gives the lease back; a second time changes nothing. */
  end(name: keyof typeof ENDS = this.#world.dice.pick(END_NAMES)): void {
    const { conn } = this;
    if (this.#given === undefined) this.#world.post.ended(conn.id);
    const given = ENDS[name](conn);
    assert(given === (this.#given ?? given), "another promise the second time");
    this.#given = given;
    this.#watch(name, given);
    this.assertInert();
  }

  /** What a lease can do that is over: nothing (4.4, F41, F59). */
  assertInert(): void {
    const { conn } = this;
    assertEquals(conn.isConnected, false, "connected after the release");
    assertEquals(conn.bufferedAmount, 0);
    assert(conn.signal.aborted, "the signal outlives the lease");
    const before = this.#world.sentCount;
    try {
      conn.trySend("after the end");
      throw new Error("trySend works after the release");
    } catch (error) {
      this.#assertEnd("trySend", error);
    }
    assertEquals(this.#world.sentCount, before, "sent after the release");
  }

  /** Once nothing can happen any more. */
  assertDone(): void {
    for (const [what, promise] of this.#promises) {
      assert(promise.state !== "pending", `${what} never settled`);
    }
  }

  #got(message: unknown): number {
    return this.#world.post.deliver(message, this.#tenancy);
  }

  #watch(what: string, promise: Promise<unknown>): void {
    const observed = observe(promise);
    this.#promises.push([what, observed]);
    promise.catch((reason) =>
      this.#world.judge(() => this.#judge(what, reason))
    );
  }

  #judge(what: string, reason: unknown): void {
    if (reason instanceof DOMException && reason.name === "TimeoutError") {
      assert(what === "receive" || what === "send", `${what} timed out`);
    } else if (reason instanceof ConnectionLostError) {
      assert(this.#world.hasEnds, `${what}: nothing was lost`);
    } else if (reason instanceof TypeError) {
      assert(/one reader at a time/.test(reason.message), reason.message);
    } else this.#assertEnd(what, reason);
  }

  #assertEnd(what: string, reason: unknown): void {
    if (reason instanceof LeaseReleasedError) {
      assert(this.isOver, `${what}: nobody released the lease`);
    } else if (reason instanceof PoolClosedError) {
      assert(this.#world.isClosed, `${what}: nobody closed the pool`);
    } else throw reason;
  }
}
