import { isV8 } from "../../../src/engine.ts";
import { BenchSocket } from "./bench_socket.ts";

/** One connection's record. */
interface Slot {
  readonly socket: BenchSocket;
  readonly key: Key;
  state: number;
  lease: number;
  idleSince: number;
  checkedAt: number;
  idleOrder: number;
  leasedAt: number;
  /** What makes a release more than a release; nothing here ever sets them. */
  alarm: object | undefined;
  doom: string | undefined;
  inbox: object | undefined;
  outbox: object | undefined;
  abort: object | undefined;
  onReconnect: object | undefined;
  /** The lease's handle, for the watch on forgotten ones. */
  handle: FlatLease | undefined;
}

interface Key {
  readonly idle: Slot[];
  isAttached: boolean;
  first: Cohort | undefined;
  last: Cohort | undefined;
  waiting: number;
}

interface Waiter {
  next: Waiter | undefined;
  readonly sequence: number;
  readonly cohort: Cohort;
  readonly answer: Answer;
}

/** A refusal is an answer too: a thenable that rejects. */
type Answer = (outcome: FlatLease | PromiseLike<FlatLease>) => void;

/** Waiters of one turn, with one deadline; a key's queue is one of these. */
interface Cohort {
  readonly key: Key;
  readonly overtakings: number;
  next: Cohort | undefined;
  first: Waiter | undefined;
  last: Waiter | undefined;
  since: number;
}

const IDLE = 1;
const LEASED = 2;
/** From a row's state to the states in its bits, as in the library. */
const TRANSITIONS = [0b1010110, 0b1101100, 0b1110010];
const HIGH_WATER_MARK = 1_048_576;
const settled: Promise<void> = Promise.resolve();

function unused(): void {}

function become(slot: Slot, next: number): void {
  // There is a row for both states.
  if ((TRANSITIONS[slot.state]! & (1 << next)) === 0) throw new Error("State");
  slot.state = next;
}

/** The handle of a lease. */
export class FlatLease implements Disposable, AsyncDisposable {
  readonly slot: Slot;
  readonly #pool: FlatPool;
  readonly #lease: number;
  #released: Promise<void> | undefined;

  static {
    // As the library's handles have it.
    if (isV8) {
      Object.defineProperty(this.prototype, "then", { value: undefined });
    }
  }

  constructor(pool: FlatPool, slot: Slot, lease: number) {
    this.#pool = pool;
    this.slot = slot;
    this.#lease = lease;
    slot.handle = this;
  }

  release(): Promise<void> {
    return this.#released ??= this.#pool.restore(this.slot, this.#lease);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/**
 * What a lease, a release and a hand-over owe by the library's contract, in one
 * class and by the shortest way: keys, the socket's state, room to send, dead
 * lease numbers, the watch on forgotten handles, counters, idle stamps, order
 * of last use, fairness, deadlines, times of waiting. It dials nothing, and
 * can do nothing else. What is between it and the ideal is the price of those
 * promises; between it and the library, that of having parts.
 */
export class FlatPool {
  readonly #key: Key;
  #lastPath: string;
  #acquired = 0;
  #unused = 0;
  #released = 0;
  #idle = 0;
  #waiting = 0;
  #sequence = 0;
  #overtakings = 0;
  #order = 0;
  #tickedAt = performance.now();
  #now: number | undefined;
  #isTurnUsed = false;
  #unstamped: Cohort | undefined;
  #answer: Answer = unused;
  readonly #executor = (answer: Answer): void => {
    this.#answer = answer;
  };
  readonly #waits: Float64Array = new Float64Array(64);
  readonly #warmers: Set<object> = new Set();
  readonly #listeners: Map<string, object> = new Map();

  constructor(path: string, size: number) {
    this.#lastPath = path;
    this.#key = {
      idle: [],
      isAttached: true,
      first: undefined,
      last: undefined,
      waiting: 0,
    };
    for (let count = 0; count < size; count++) {
      const socket = new BenchSocket();
      socket.readyState = 1;
      const idleOrder = ++this.#order;
      this.#idle++;
      this.#key.idle.push({
        socket,
        key: this.#key,
        state: IDLE,
        lease: 0,
        idleSince: this.#tickedAt,
        checkedAt: this.#tickedAt,
        idleOrder,
        leasedAt: 0,
        alarm: undefined,
        doom: undefined,
        inbox: undefined,
        outbox: undefined,
        abort: undefined,
        onReconnect: undefined,
        handle: undefined,
      });
    }
  }

  /** Whether everything has come back. */
  get isWhole(): boolean {
    return this.#idle === this.#key.idle.length && this.#waiting === 0 &&
      this.#acquired === this.#released;
  }

  acquire(path: string): Promise<FlatLease> {
    const key = this.#find(path);
    const slot = key.idle.at(-1);
    if (slot !== undefined && slot.socket.readyState === 1) {
      become(slot, LEASED);
      key.idle.pop();
      this.#idle--;
      if (slot.lease++ === 0) this.#unused++;
      this.#acquired++;
      slot.leasedAt = this.#tickedAt;
      const lease = new FlatLease(this, slot, slot.lease);
      if (this.#listeners.size > 0) this.#listeners.get("acquire");
      return Promise.resolve(lease);
    }
    const promise = new Promise(this.#executor);
    const answer = this.#answer;
    this.#answer = unused;
    this.#wait(key, answer);
    return promise;
  }

  restore(slot: Slot, lease: number): Promise<void> {
    const { socket } = slot;
    const isPlain = slot.lease === lease && slot.state === LEASED &&
      slot.alarm === undefined && slot.doom === undefined &&
      slot.inbox === undefined && slot.outbox === undefined &&
      slot.abort === undefined && slot.onReconnect === undefined &&
      socket.readyState === 1 && socket.bufferedAmount <= HIGH_WATER_MARK;
    if (!isPlain || this.#warmers.size > 0 || this.#listeners.size > 0) {
      throw new Error("Nothing here leads to this");
    }
    const waiter = slot.key.first?.first;
    if (this.#waiting > 0 && waiter !== undefined) {
      this.#handOver(slot, waiter);
      return settled;
    }
    slot.lease++;
    this.#released++;
    slot.idleSince = slot.checkedAt = this.#tickedAt;
    become(slot, IDLE);
    slot.key.idle.push(slot);
    this.#idle++;
    slot.idleOrder = ++this.#order;
    slot.handle = undefined;
    return settled;
  }

  #find(path: string): Key {
    if (path !== this.#lastPath || !this.#key.isAttached) {
      throw new Error("There is one key");
    }
    return this.#key;
  }

  #wait(key: Key, answer: Answer): void {
    const overtakings = this.#overtakings;
    const cohort = this.#unstamped ?? this.#beginCohort(key, overtakings);
    const previous = cohort.last;
    const waiter: Waiter = {
      next: undefined,
      sequence: ++this.#sequence,
      cohort,
      answer,
    };
    if (previous === undefined) cohort.first = waiter;
    else previous.next = waiter;
    cohort.last = waiter;
    key.waiting++;
    this.#waiting++;
    this.#time();
  }

  #beginCohort(key: Key, overtakings: number): Cohort {
    const cohort: Cohort = {
      key,
      overtakings,
      next: undefined,
      first: undefined,
      last: undefined,
      since: Infinity,
    };
    if (key.last === undefined) key.first = cohort;
    else key.last.next = cohort;
    key.last = cohort;
    return this.#unstamped = cohort;
  }

  #handOver(slot: Slot, waiter: Waiter): void {
    const { cohort, next } = waiter;
    const { key } = cohort;
    const now = this.#time();
    cohort.first = next;
    waiter.next = undefined;
    if (next === undefined) this.#endCohort(cohort);
    key.waiting--;
    this.#waiting--;
    slot.lease += 2;
    this.#released++;
    this.#acquired++;
    slot.leasedAt = now;
    // The index is within the array.
    this.#waits[Math.max(0, now - cohort.since) & 63]!++;
    waiter.answer(new FlatLease(this, slot, slot.lease));
  }

  #endCohort(cohort: Cohort): void {
    const { key, next } = cohort;
    key.first = next;
    if (next === undefined) key.last = undefined;
    if (this.#unstamped === cohort) this.#unstamped = undefined;
  }

  /** The clock is read once for a round of microtasks. */
  #time(): number {
    this.#isTurnUsed = true;
    return this.#now ?? this.#beginTurn();
  }

  readonly #endTurn = (): void => {
    if (!this.#isTurnUsed) {
      this.#now = undefined;
      return;
    }
    this.#isTurnUsed = false;
    const now = this.#beginTurn();
    if (this.#unstamped !== undefined) this.#unstamped.since = now;
    this.#unstamped = undefined;
  };

  #beginTurn(): number {
    settled.then(this.#endTurn);
    return this.#now = performance.now();
  }
}
