import type {
  ConnectionPool,
  HookContext,
  PooledConnection,
} from "../../mod.ts";

/** What the soak's server understands. */
export type Request =
  | { readonly ask: string; readonly count: number }
  | { readonly sync: number };

/** What it answers. */
export type Answer =
  | { readonly tag: string; readonly index: number }
  | { readonly sync: number };

export type TaggedPool = ConnectionPool<Answer, Request>;

/** A message reached a lease that had not asked for it. */
export class Crossed extends Error {}

/**
 * Asks for `count` messages under a tag of the lease's own, and reads the
 * first `reads` of them. What it leaves is for nobody.
 *
 * @throws {Crossed} If anything else comes, or in another order
 */
export async function exchange(
  conn: PooledConnection<Answer, Request>,
  tag: string,
  count: number,
  reads: number,
): Promise<void> {
  await conn.send({ ask: tag, count });
  for (let index = 0; index < reads; index++) {
    const answer = await conn.receive({ timeout: 5_000 });
    if ("tag" in answer && answer.tag === tag && answer.index === index) {
      continue;
    }
    const expected = JSON.stringify({ tag, index });
    throw new Crossed(`Not ${expected} but ${JSON.stringify(answer)}`);
  }
}

/** A `reset` that reads up to the answer to a question of its own: what was asked for before is in by then. */
export function createReset(): (
  conn: HookContext<Answer, Request>,
) => Promise<void> {
  let last = 0;
  return async (conn) => {
    const sync = ++last;
    await conn.send({ sync });
    for (;;) {
      const answer = await conn.receive();
      if ("sync" in answer && answer.sync === sync) return;
    }
  };
}
