import { type Case, type Goal, JETSOCKET, type Surroundings } from "../case.ts";
import { CONNECTIONS, type Subject } from "../contestants/pools.ts";
import { forEveryPool } from "./subjects.ts";

/** Acquires behind leases of everything there is, until each had its turn. */
export async function drain<Lease>(
  subject: Subject<Lease>,
  waiters: number,
): Promise<void> {
  const held: Lease[] = [];
  while (held.length < CONNECTIONS) held.push(await subject.acquire());
  let served = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wait = async () => {
    const lease = await subject.acquire();
    subject.release(lease);
    if (++served === waiters) resolve();
  };
  for (let index = 0; index < waiters; index++) wait();
  for (const lease of held) subject.release(lease);
  await promise;
}

function handOff(waiters: number): Case {
  const goals: Goal[] = [];
  if (waiters !== 1_000) {
    goals.push({
      kind: "cost",
      of: "pool",
      against: "ideal",
      most: { deno: 1.4, node: 1.4, bun: 1.6 },
    }, {
      kind: "speed",
      of: "pool",
      against: JETSOCKET,
      least: { deno: 25 },
    });
  }
  if (waiters === 100_000) {
    goals.push({
      kind: "growth",
      of: "pool",
      against: "ideal",
      since: "handoff/100",
      most: 1.2,
    });
  }
  return {
    name: `handoff/${waiters}`,
    title: `hand-off with ${waiters.toLocaleString("en")} waiters`,
    unit: "ns",
    reference: "ideal",
    contestants: forEveryPool(
      <Lease>(subject: Subject<Lease>, { meter }: Surroundings) => {
        const size = meter.size(waiters);
        return meter.time(async (count) => {
          for (let index = 0; index < count; index++) {
            await drain(subject, size);
          }
        }, size);
      },
    ),
    hasJetSocket: true,
    // A young generation is full after some ten thousand.
    ...waiters === 100_000 ? { isUnsteady: true } : {},
    goals,
  };
}

export const handOffCases: readonly Case[] = [100, 1_000, 10_000, 100_000].map(
  handOff,
);
