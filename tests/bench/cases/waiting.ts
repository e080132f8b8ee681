import type { AcquireOptions } from "../../../mod.ts";
import type { Case, Goal, Workload } from "../case.ts";
import {
  CONNECTIONS,
  createFakePool,
  PATH,
  startPool,
  type Subject,
  type TextConnection,
  type TextPool,
} from "../contestants/pools.ts";
import { drain } from "./hand_off.ts";
import { pairs } from "./pairs.ts";
import { measureSubject } from "./subjects.ts";

/** Longer than any run. */
const FAR = 600_000;

type Ask = (pool: TextPool) => Promise<TextConnection>;

const longLived = new AbortController();

/** The library, asked in a certain way; without a default deadline. */
function asked(acquire: Ask, measure: typeof pairs): Workload {
  return async (given) => {
    const subject = await startPool(given.library, {
      acquireTimeout: Infinity,
    });
    const { pool } = subject;
    const changed: Subject<TextConnection> = {
      ...subject,
      acquire: () => acquire(pool),
    };
    return await measureSubject(changed, measure, given);
  };
}

const unbounded: Ask = (pool) => pool.acquire(PATH);
const timed: Ask = (pool) => pool.acquire(PATH, { timeout: FAR });
const abortable: Ask = (pool) =>
  pool.acquire(PATH, { signal: longLived.signal });

const idle: Case = {
  name: "bounds/idle",
  title: "uncontended pairs with a timeout, with a signal",
  unit: "per second",
  reference: "pool: no bound",
  contestants: {
    "pool: no bound": asked(unbounded, pairs),
    "pool: timeout": asked(timed, pairs),
    "pool: signal": asked(abortable, pairs),
  },
  goals: [{ kind: "noise", of: "pool: timeout", against: "pool: no bound" }],
};

function contended(waiters: number, mostWithTimeout: number): Case {
  const measure: typeof pairs = (subject, { meter }) => {
    const size = meter.size(waiters);
    return meter.time(async (count) => {
      for (let index = 0; index < count; index++) await drain(subject, size);
    }, size);
  };
  const goals: Goal[] = [{
    kind: "cost",
    of: "pool: timeout",
    against: "pool: no bound",
    most: mostWithTimeout,
  }];
  if (waiters === 10_000) {
    goals.push({
      kind: "cost",
      of: "pool: signal",
      against: "pool: no bound",
      most: 1.5,
    });
  }
  return {
    name: `bounds/${waiters}`,
    title: `hand-off with ${
      waiters.toLocaleString("en")
    } waiters that have a timeout, or share a signal`,
    unit: "ns",
    reference: "pool: no bound",
    contestants: {
      "pool: no bound": asked(unbounded, measure),
      "pool: timeout": asked(timed, measure),
      "pool: signal": asked(abortable, measure),
    },
    goals,
  };
}

/** Makes many wait behind leases of everything, ends them all, and times the end. */
function mass(
  waiters: number,
  options: (bounds: { readonly abort: AbortController }) => AcquireOptions<
    string,
    string
  >,
  end: (abort: AbortController) => void,
): Workload {
  return async ({ library, meter }) => {
    const size = meter.size(waiters);
    const pool = createFakePool(library);
    const held: TextConnection[] = [];
    while (held.length < CONNECTIONS) held.push(await pool.acquire(PATH));
    const runs = await meter.repeat(async () => {
      const abort = new AbortController();
      const bounds = options({ abort });
      let left = size;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const refused = () => {
        if (--left === 0) resolve();
      };
      const granted = () => reject(new Error("Nothing was free"));
      for (let index = 0; index < size; index++) {
        pool.acquire(PATH, bounds).then(granted, refused);
      }
      end(abort);
      const began = meter.now();
      abort.abort();
      await promise;
      return (meter.now() - began) * 1e6 / size;
    });
    const { totalAborted, totalExhausted, waiting } = pool.stats();
    if (waiting !== 0 || (totalAborted + totalExhausted) % size !== 0) {
      throw new Error("Not every waiter was refused");
    }
    for (const conn of held) conn.release();
    await pool.close();
    return runs;
  };
}

function abortAll(waiters: number): Case {
  return {
    name: `abort/${waiters}`,
    title: `${
      waiters.toLocaleString("en")
    } waiters of one signal aborted at once, for each`,
    unit: "ns",
    reference: "pool",
    contestants: {
      pool: mass(
        waiters,
        ({ abort }) => ({ signal: abort.signal }),
        () => {},
      ),
    },
    goals: waiters === 10_000
      ? [{ kind: "flat", of: "pool", since: "abort/1000", most: 2 }]
      : [],
  };
}

/** Holds the thread until every deadline has passed. */
function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function expireAll(waiters: number): Case {
  return {
    name: `expire/${waiters}`,
    title: `${
      waiters.toLocaleString("en")
    } waiters that time out at once, for each`,
    unit: "ns",
    reference: "pool",
    contestants: {
      pool: mass(waiters, () => ({ timeout: 5 }), () => standStill(10)),
    },
    goals: [],
  };
}

export const waitingCases: readonly Case[] = [
  idle,
  contended(100, 1.6),
  contended(1_000, 1.5),
  contended(10_000, 1.25),
  ...[100, 1_000, 10_000, 100_000].map(abortAll),
  expireAll(100_000),
];
