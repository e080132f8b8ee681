/** How much chance takes part, and how it is replayed. */
const SEED = Number(
  Deno.env.get("ABUSE_SEED") ?? Math.floor(Math.random() * 2 ** 31),
);

/** What a property runs with: more, with DEEP. */
export function runs(
  fast: number,
  deep: number,
): { seed: number; numRuns: number } {
  const given = Deno.env.get("ABUSE_RUNS");
  const usual = Deno.env.get("DEEP") ? deep : fast;
  return { seed: SEED, numRuns: given === undefined ? usual : Number(given) };
}

/** A title with the seed, so that a failure anywhere can be replayed. */
export function seeded(title: string): string {
  return `${title} (ABUSE_SEED=${SEED})`;
}
