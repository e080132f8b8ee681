import type { ConnectionPool, PooledConnection } from "../../mod.ts";

/** Thrown by a user's function on purpose. */
export class Deliberate extends Error {}

/** Of all leases, those that end with a discard, and those whose user throws. */
const DISCARDED = 0.05;
const THROWN = 0.05;

/** One lease from its acquire to its end: mostly released, now and then discarded or left by an exception. */
export async function lease<Incoming, Outgoing>(
  pool: ConnectionPool<Incoming, Outgoing>,
  url: string,
  choice: number,
  work: (
    conn: PooledConnection<Incoming, Outgoing>,
  ) => void | Promise<void>,
): Promise<void> {
  if (choice < THROWN) {
    try {
      await pool.use(url, async (conn) => {
        await work(conn);
        throw new Deliberate();
      });
    } catch (error) {
      if (!(error instanceof Deliberate)) throw error;
    }
    return;
  }
  const conn = await pool.acquire(url);
  try {
    await work(conn);
  } catch (error) {
    await conn.discard();
    throw error;
  }
  await (choice < THROWN + DISCARDED ? conn.discard() : conn.release());
}

/** Has several workers share `rounds` calls of `work`, with the number of each. */
export async function share(
  workers: number,
  rounds: number,
  work: (round: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: workers }, async () => {
    while (next < rounds) await work(next++);
  }));
}
