import { type Case, JETSOCKET, type Surroundings } from "../case.ts";
import {
  PATH,
  startFlat,
  startIdeal,
  startPool,
  type Subject,
} from "../contestants/pools.ts";
import type { Runs } from "../statistics.ts";
import { forEveryPool, measureSubject } from "./subjects.ts";

/** Pairs of acquire and release over an idle connection. */
export function pairs<Lease>(
  subject: Subject<Lease>,
  { meter }: Surroundings,
): Promise<Runs> {
  return meter.time(async (count) => {
    for (let index = 0; index < count; index++) {
      const lease = await subject.acquire();
      subject.release(lease);
    }
  });
}

function pairsByAwaitUsing<Lease extends AsyncDisposable>(
  subject: Subject<Lease>,
  { meter }: Surroundings,
): Promise<Runs> {
  return meter.time(async (count) => {
    for (let index = 0; index < count; index++) {
      await using _lease = await subject.acquire();
    }
  });
}

function pairsByUsing<Lease extends Disposable>(
  subject: Subject<Lease>,
  { meter }: Surroundings,
): Promise<Runs> {
  return meter.time(async (count) => {
    for (let index = 0; index < count; index++) {
      using _lease = await subject.acquire();
    }
  });
}

const awaitUsing: Case = {
  name: "using/await",
  title: "uncontended pair, written `await using`",
  unit: "per second",
  reference: "ideal",
  contestants: {
    ideal: (given) => measureSubject(startIdeal(), pairsByAwaitUsing, given),
    flat: (given) => measureSubject(startFlat(), pairsByAwaitUsing, given),
    pool: (given) =>
      measureSubject(startPool(given.library), pairsByAwaitUsing, given),
  },
  goals: [{
    kind: "speed",
    of: "pool",
    against: "ideal",
    least: { deno: 0.9, node: 0.9, bun: 0.85 },
  }],
};

const plainUsing: Case = {
  name: "using/plain",
  title: "uncontended pair, written `using`",
  unit: "per second",
  reference: "ideal",
  contestants: {
    ideal: (given) => measureSubject(startIdeal(), pairsByUsing, given),
    pool: (given) =>
      measureSubject(startPool(given.library), pairsByUsing, given),
  },
  goals: [],
};

const otherForms: Case = {
  name: "forms",
  title: "uncontended pair, other ways to write it",
  unit: "per second",
  reference: "pool: acquire + release",
  contestants: {
    "pool: acquire + release": (given) =>
      measureSubject(startPool(given.library), pairs, given),
    "pool: tryAcquire + release": async ({ library, meter }) => {
      const { pool, close } = await startPool(library);
      const runs = await meter.time((count) => {
        for (let index = 0; index < count; index++) {
          pool.tryAcquire(PATH)?.release();
        }
      });
      await close();
      return runs;
    },
    "pool: use": async ({ library, meter }) => {
      const { pool, close } = await startPool(library);
      let uses = 0;
      const runs = await meter.time(async (count) => {
        for (let index = 0; index < count; index++) {
          await pool.use(PATH, () => uses++);
        }
      });
      await close();
      return runs;
    },
  },
  goals: [],
};

export const pairCases: readonly Case[] = [
  {
    name: "pair",
    title: "uncontended acquire + release of an idle connection",
    unit: "per second",
    reference: "ideal",
    contestants: forEveryPool(pairs),
    hasJetSocket: true,
    goals: [
      { kind: "speed", of: "pool", against: JETSOCKET, least: { deno: 120 } },
      {
        kind: "speed",
        of: "pool",
        against: "ideal",
        least: { deno: 0.75, node: 0.7, bun: 0.6 },
      },
      {
        kind: "speed",
        of: "pool",
        against: "generic-pool",
        least: { deno: 6, node: 5, bun: 6 },
      },
    ],
  },
  awaitUsing,
  plainUsing,
  otherForms,
];
