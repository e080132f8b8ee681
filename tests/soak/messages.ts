import { ConnectionPool } from "../../mod.ts";
import { Findings } from "./meter.ts";
import { lease, share } from "./rounds.ts";
import type { ServerProcess } from "./server_process.ts";
import { createReset, Crossed, exchange, type TaggedPool } from "./tagged.ts";

const LIMIT = 10;
const WORKERS = 20;

/** Messages that a lease asks for. */
const ASKED = 20;

/**
 * Messages under a tag of their lease: with `reset` a lease reads some of its
 * own and leaves the others behind, without it reads all. None may reach
 * another lease.
 */
export async function soakMessages(
  messages: number,
  random: () => number,
  server: ServerProcess,
): Promise<string> {
  const findings = new Findings();
  const leases = Math.ceil(messages / ASKED / 2);
  const began = performance.now();
  let asked = 0;
  let read = 0;
  for (const reset of [createReset(), undefined]) {
    await using pool: TaggedPool = new ConnectionPool({
      maxConnections: LIMIT,
      maxConnecting: LIMIT,
      acquireTimeout: 60_000,
      resetTimeout: 30_000,
      ...reset && { reset },
    });
    await share(WORKERS, leases, async (round) => {
      const reads = reset === undefined
        ? ASKED
        : Math.floor(random() * (ASKED + 1));
      const url = server.url(`/${round % 3}`);
      const tag = `${reset === undefined ? "all" : "some"} ${round}`;
      try {
        await lease(
          pool,
          url,
          random(),
          (conn) => exchange(conn, tag, ASKED, reads),
        );
      } catch (error) {
        if (!(error instanceof Crossed)) throw error;
        findings.expect(false, error.message);
      }
      asked += ASKED;
      read += reads;
    });
  }
  findings.conclude();
  const seconds = (performance.now() - began) / 1_000;
  return `${asked} messages asked for by ${2 * leases} leases in ` +
    `${seconds.toFixed(1)} s, ${read} of them read: none reached another lease`;
}
