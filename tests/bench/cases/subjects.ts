import type { Surroundings, Workload } from "../case.ts";
import type { Runs } from "../statistics.ts";
import {
  startFlat,
  startGenericPool,
  startIdeal,
  startLightningPool,
  startPool,
  startSema,
  startTarn,
  type Subject,
} from "../contestants/pools.ts";

/** What is measured of any pool; the type of its leases is nobody's business. */
export type Measure = <Lease>(
  subject: Subject<Lease>,
  surroundings: Surroundings,
) => Promise<Runs>;

/** The figures, if the pool is whole afterwards: a broken pool can be fast. */
export async function measureSubject<Lease>(
  start: Subject<Lease> | Promise<Subject<Lease>>,
  measure: (
    subject: Subject<Lease>,
    surroundings: Surroundings,
  ) => Promise<Runs>,
  surroundings: Surroundings,
): Promise<Runs> {
  const subject = await start;
  const runs = await measure(subject, surroundings);
  // Some give back a turn later.
  await new Promise((resolve) => setTimeout(resolve));
  if (!subject.isWhole()) throw new Error("Not everything came back");
  await subject.close();
  return runs;
}

/** The same measurement for every pool there is. */
export function forEveryPool(measure: Measure): Record<string, Workload> {
  return {
    "ideal": (given) => measureSubject(startIdeal(), measure, given),
    "flat": (given) => measureSubject(startFlat(), measure, given),
    "pool": (given) => measureSubject(startPool(given.library), measure, given),
    "generic-pool": (given) =>
      measureSubject(startGenericPool(), measure, given),
    "tarn": (given) => measureSubject(startTarn(), measure, given),
    "lightning-pool": (given) =>
      measureSubject(startLightningPool(), measure, given),
    "async-sema": (given) => measureSubject(startSema(), measure, given),
  };
}
