import {
  type ConnectionLostError,
  InboxOverflowError,
  InvalidMessageError,
  JetSocketError,
  LeaseReleasedError,
  PoolClosedError,
} from "../../../mod.ts";
import type { CallerSignal } from "./caller_signal.ts";
import type { Callers } from "./callers.ts";
import type { Dialect } from "./dialect.ts";
import type { Lease } from "./lease_book.ts";
import type { Judge } from "./settlement.ts";
import { Mischief } from "./user_code.ts";
import type { World } from "./world.ts";

/** Bounds of one wait. */
interface Wait {
  readonly options: { timeout?: number; signal?: AbortSignal } | undefined;
  readonly deadline: number;
  readonly signal: CallerSignal | undefined;
}

/** Thrown by the next `send` of a socket. */
export const REFUSED_BYTES: Error = new TypeError("these bytes are refused");

/** Those who hold connections: what they read and say, and how they give back. */
export class Holders {
  readonly #callers: Callers;
  readonly #dialect: Dialect;
  readonly #world: World;
  /** Invalid messages that readers were told of. */
  invalid = 0;
  /** Leases given back not long ago, for those who use them all the same. */
  readonly #past: Lease[] = [];

  constructor(callers: Callers, dialect: Dialect) {
    this.#callers = callers;
    this.#dialect = dialect;
    this.#world = callers.setting.world;
  }

  /** A lease that its holder may do something with. */
  pick(): Lease | undefined {
    const { held, lent } = this.#callers;
    return this.#world.random.pickAny(
      [...held].filter((lease) => !lent.has(lease)),
    );
  }

  say(lease: Lease): void {
    const number = ++lease.says;
    const { random } = this.#world;
    const padding = random.chance(0.1) ? "y".repeat(400) : "";
    const tag = { kind: "say", from: lease.id, number };
    const isHeard = () => lease.lastSaid >= number;
    if (random.chance(0.3)) return this.#trySay(lease, number, isHeard);
    const wait = this.#wait();
    const call = random.chance(0.2)
      ? lease.conn.sendRaw(this.#dialect.toWire(tag, padding), wait.options)
      : lease.conn.send(this.#dialect.toMessage(tag, padding), wait.options);
    this.#callers.setting.settlement.watch(
      `send ${number} of lease ${lease.id}`,
      call,
      wait.deadline,
      this.#judge(lease, wait, "send"),
      () => this.#world.expect(isHeard(), "3.2 resolved means handed over"),
      () => {
        this.#world.expect(
          lease.lastSaid !== number,
          "3.2 rejected means not sent",
        );
        lease.unsaid.add(number);
      },
    );
  }

  #trySay(lease: Lease, number: number, isHeard: () => boolean): void {
    const tag = { kind: "say", from: lease.id, number };
    try {
      const isSent = lease.conn.trySend(this.#dialect.toMessage(tag));
      this.#world.expect(isSent === isHeard(), "3.2 trySend says what it did");
    } catch (error) {
      const judge = this.#judge(lease, NO_WAIT, "send");
      const wrong = judge(error);
      if (wrong !== undefined) this.#world.violated(`trySend: ${wrong}`);
      this.#world.expect(lease.lastSaid !== number, "3.2 nothing was sent");
    }
    if (!isHeard()) lease.unsaid.add(number);
  }

  /** Reads, in one of the three ways. */
  read(lease: Lease): void {
    const { random } = this.#world;
    if (lease.reader !== undefined) {
      // Else that reader may be one whose end is on its way.
      const { isSettled } = this.#world;
      if (isSettled && random.chance(0.1)) this.#readTwice(lease);
      return;
    }
    const way = random.pick(["receive", "iterate", "forEach"] as const);
    this.#world.tally.count(`reads: ${way}`);
    lease.reader = way;
    if (way === "receive") this.#receive(lease);
    else if (way === "iterate") this.#iterate(lease);
    else this.#forEach(lease);
  }

  #receive(lease: Lease): void {
    const wait = this.#wait();
    this.#watchRead(
      lease,
      "receive",
      lease.conn.receive(wait.options),
      wait,
      (message) => this.#callers.setting.book.read(lease, message),
    );
  }

  #iterate(lease: Lease): void {
    try {
      lease.iterator ??= lease.conn[Symbol.asyncIterator]();
    } catch (error) {
      lease.reader = undefined;
      const wrong = this.#judge(lease, NO_WAIT, "receive")(error);
      if (wrong !== undefined) this.#world.violated(`iterate: ${wrong}`);
      return;
    }
    this.#watchRead(
      lease,
      "next",
      lease.iterator.next(),
      NO_WAIT,
      ({ done, value }) => {
        if (done === true) lease.iterator = undefined;
        else this.#callers.setting.book.read(lease, value);
      },
    );
  }

  #forEach(lease: Lease): void {
    const { random } = this.#world;
    const signal = random.chance(0.5) ? this.#callers.signal() : undefined;
    const { book, userCode } = this.#callers.setting;
    const call = lease.conn.forEach((message) => {
      book.read(lease, message);
      userCode.reenter("forEach");
      if (random.chance(0.1)) throw new Mischief("forEach failed");
    }, signal && { signal: signal.signal });
    const wait = { ...NO_WAIT, signal };
    this.#watchRead(lease, "forEach", call, wait, () => {});
  }

  #watchRead<T>(
    lease: Lease,
    name: string,
    call: Promise<T>,
    wait: Wait,
    onRead: (value: T) => void,
  ): void {
    this.#callers.setting.settlement.watch(
      `${name} of lease ${lease.id}`,
      call,
      wait.deadline,
      this.#judge(lease, wait, name),
      (value) => {
        lease.reader = undefined;
        onRead(value);
      },
      (error) => {
        lease.reader = undefined;
        if (error instanceof InvalidMessageError) this.invalid++;
      },
    );
  }

  #readTwice(lease: Lease): void {
    this.#callers.setting.settlement.watch(
      `second reader of lease ${lease.id}`,
      lease.conn.receive(),
      this.#world.now,
      (error) =>
        error instanceof TypeError || error instanceof JetSocketError
          ? undefined
          : "3.2 one reader at a time",
      () => this.#world.violated("3.2 one reader at a time"),
    );
  }

  giveBack(lease: Lease): void {
    const { conn } = lease;
    const way = this.#world.random.pick(
      ["release", "release", "release", "discard", "dispose", "using"] as const,
    );
    this.#world.tally.count(`given back: ${way}`);
    // Asking for the signal takes a release off its shortest way.
    const signal = this.#world.random.chance(0.3) ? conn.signal : undefined;
    this.#past.push(lease);
    if (this.#past.length > 8) this.#past.shift();
    this.#callers.release(lease, () => {
      if (way === "discard") return conn.discard();
      if (way === "dispose") return conn[Symbol.asyncDispose]();
      if (way === "using") conn[Symbol.dispose]();
      return conn.release();
    });
    this.#world.expect(
      signal?.aborted !== false,
      "3.2 the signal aborts when the lease ends",
    );
  }

  /** Uses a lease that is over: nothing comes of it. */
  misuse(): void {
    const lease = this.#world.random.pickAny(this.#past);
    if (lease === undefined) return;
    const { pool, settlement } = this.#callers.setting;
    const before = Deno.inspect(pool.stats());
    lease.conn.release();
    lease.conn.discard();
    const after = Deno.inspect(pool.stats());
    this.#world.expect(before === after, "I7 F39 a dead lease changes nothing");
    this.#world.expect(!lease.conn.isConnected, "F59 a dead handle is inert");
    this.say(lease);
    settlement.watch(
      "read of a dead lease",
      lease.conn.receive(),
      this.#world.now,
      this.#judge(lease, NO_WAIT, "receive"),
      () => this.#world.violated("F41 a dead lease reads"),
    );
  }

  /** Bounds at random, often none. */
  #wait(): Wait {
    const { random, now } = this.#world;
    if (random.chance(0.5)) return NO_WAIT;
    const timeout = random.pick([0, 10, 150]);
    const signal = random.chance(0.3) ? this.#callers.signal() : undefined;
    const options = { timeout, ...signal && { signal: signal.signal } };
    return { options, deadline: now + timeout, signal };
  }

  #judge(lease: Lease, wait: Wait, name: string): Judge {
    const { plan } = this.#callers.setting;
    return (error) => {
      if (wait.signal?.aborted && error === wait.signal.reason) {
        return undefined;
      }
      if (error instanceof Mischief) {
        return name === "forEach" ? undefined : "not the caller's own failure";
      }
      if (error === REFUSED_BYTES && name === "send") return undefined;
      if (error instanceof DOMException && error.name === "TimeoutError") {
        return this.#world.now >= wait.deadline ? undefined : "too early";
      }
      if (error instanceof LeaseReleasedError) {
        return lease.isReleased ? undefined : "nobody has released it";
      }
      if (error instanceof PoolClosedError) {
        return this.#callers.isClosing ? undefined : "the pool is open";
      }
      if (error instanceof InboxOverflowError) {
        return plan.inbox.overflow === "error"
          ? undefined
          : "nothing overflows";
      }
      if (error instanceof InvalidMessageError) {
        const { knowsGarbage } = this.#dialect;
        return name !== "send" && knowsGarbage && plan.onInvalid === "throw"
          ? undefined
          : "there is no such message";
      }
      return isLoss(error) ? undefined : "3.3 no such end";
    };
  }
}

const NO_WAIT: Wait = {
  options: undefined,
  deadline: Infinity,
  signal: undefined,
};

function isLoss(error: unknown): error is ConnectionLostError {
  return error instanceof JetSocketError && error.code === "CONNECTION_LOST";
}
