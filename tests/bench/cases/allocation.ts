import type { Case, Surroundings } from "../case.ts";
import type { Subject } from "../contestants/pools.ts";
import { collect, heapUsed } from "../heap.ts";
import type { Runs } from "../statistics.ts";
import { forEveryPool } from "./subjects.ts";

/** So few that everything fits into the young generation, so many that a page more or less is nothing. */
const PAIRS = 100_000;

async function bytes<Lease>(
  subject: Subject<Lease>,
  { meter }: Surroundings,
): Promise<Runs> {
  const count = meter.size(PAIRS);
  return await meter.repeat(async () => {
    await collect();
    const before = heapUsed();
    for (let index = 0; index < count; index++) {
      const lease = await subject.acquire();
      subject.release(lease);
    }
    return (heapUsed() - before) / count;
  });
}

export const allocationCases: readonly Case[] = [{
  name: "bytes",
  title: "bytes allocated for one uncontended pair",
  unit: "bytes",
  runtimes: ["deno", "node"],
  needs: "heap",
  reference: "ideal",
  contestants: forEveryPool(bytes),
  goals: [{ kind: "figure", of: "pool", most: { deno: 200, node: 360 } }],
}];
