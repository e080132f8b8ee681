import type { Case, Library, Workload } from "../case.ts";
import { createFakePool, type TextPool } from "../contestants/pools.ts";
import { IdealPool } from "../contestants/ideal_pool.ts";

/** As many addresses. */
function paths(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `/ws/${index}`);
}

/** A pool with an idle connection for each of the paths. */
async function poolOver(
  library: Library,
  list: readonly string[],
): Promise<TextPool> {
  const pool = createFakePool(library, { maxConnections: list.length });
  for (const path of list) await (await pool.acquire(path)).release();
  const { idleConnections } = pool.stats();
  if (idleConnections !== list.length) throw new Error("Not all are idle");
  return pool;
}

/** Pairs that go round over the paths, from `first`. */
async function goRound(
  pool: TextPool,
  list: readonly string[],
  first: number,
  count: number,
): Promise<void> {
  for (let index = first; index < first + count; index++) {
    // The index is cut to the list's length.
    const conn = await pool.acquire(list[index % list.length]!);
    conn.release();
  }
}

function lookUp(keys: number): Case {
  return {
    name: `keys/${keys}`,
    title: `pairs going round over ${
      keys.toLocaleString("en")
    } keys, each with an idle connection`,
    unit: "per second",
    reference: "ideal",
    contestants: {
      ideal: ({ meter }) => {
        const list = paths(meter.size(keys));
        const pools = new Map(
          list.map((path) => [path, new IdealPool([path])]),
        );
        let next = 0;
        return meter.time(async (count) => {
          for (let index = next; index < next + count; index++) {
            // The index is cut to the list's length, and every path has its pool.
            const path = list[index % list.length]!;
            const lease = await pools.get(path)!.acquire();
            lease.release();
          }
          next += count;
        });
      },
      pool: async ({ library, meter }) => {
        const list = paths(meter.size(keys));
        const pool = await poolOver(library, list);
        let next = 0;
        const runs = await meter.time(async (count) => {
          await goRound(pool, list, next, count);
          next += count;
        });
        if (pool.stats().totalConnections !== list.length) {
          throw new Error("A connection was opened");
        }
        await pool.close();
        return runs;
      },
    },
    goals: keys === 10 ? [] : [{
      kind: "growth",
      of: "pool",
      against: "ideal",
      since: "keys/10",
      most: 1.5,
    }],
  };
}

function evict(keys: number): Case {
  const work: Workload = async ({ library, meter }) => {
    const size = meter.size(keys);
    const list = paths(2 * size);
    const pool = await poolOver(library, list.slice(0, size));
    // The other half: what is asked for is never there, as the oldest goes.
    let next = size;
    const runs = await meter.time(async (count) => {
      await goRound(pool, list, next, count);
      next += count;
    });
    const { totalConnections, retired } = pool.stats();
    if (totalConnections !== next || retired.evicted !== next - size) {
      throw new Error("Not every acquire evicted a connection");
    }
    await pool.close();
    return runs;
  };
  return {
    name: `evict/${keys}`,
    title: `acquire of a new key that evicts one of ${
      keys.toLocaleString("en")
    } idle connections of other keys, and release`,
    unit: "ns",
    reference: "pool",
    contestants: { pool: work },
    goals: keys === 10
      ? []
      : [{ kind: "flat", of: "pool", since: "evict/10", most: 2 }],
  };
}

function statistics(keys: number): Case {
  return {
    name: `stats/${keys}`,
    title: `stats() with ${keys.toLocaleString("en")} keys`,
    unit: "ns",
    reference: "pool",
    contestants: {
      pool: async ({ library, meter }) => {
        const list = paths(meter.size(keys));
        const pool = await poolOver(library, list);
        let seen = 0;
        const runs = await meter.time((count) => {
          for (let index = 0; index < count; index++) {
            seen = pool.stats().byKey.size;
          }
        });
        if (seen !== list.length) throw new Error(`${seen} keys`);
        await pool.close();
        return runs;
      },
    },
    goals: [],
  };
}

const SIZES = [10, 1_000, 10_000];

export const keyCases: readonly Case[] = [
  ...SIZES.map(lookUp),
  ...SIZES.map(evict),
  ...SIZES.map(statistics),
];
