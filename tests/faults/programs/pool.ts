/**
 * A program with a pool of leased and idle connections, to be stopped and
 * continued. It says when it is ready; the text `"end"` on a leased connection
 * has it say what the pool went through, and end.
 *
 * Arguments: the address of an echo server, and how many connections of each.
 */
import { ConnectionPool } from "@jetsocket/pool";

const [baseUrl = "", count = "1"] = Deno.args;
const each = Number(count);
/** What happens to connections that were fine. */
const events: string[] = [];

await using pool = new ConnectionPool<string, string>({
  baseUrl,
  // Each less than the time for which the process stands still.
  maxIdleTime: 2_700,
  healthCheckInterval: 600,
  healthCheckTimeout: 500,
  websocket: {
    codec: "text",
    reconnect: true,
    heartbeat: {
      interval: 600,
      timeout: 500,
      raw: false,
      ping: "ping",
      isPong: (message) => message === "ping",
    },
  },
});
for (const type of ["retire", "lost", "reconnecting"] as const) {
  pool.addEventListener(type, ({ reason }) => events.push(`${type} ${reason}`));
}
const leased = await Promise.all(
  Array.from({ length: each }, () => pool.acquire("/echo/leased")),
);
await pool.warm("/echo/idle", { count: each });
console.log("ready");
const ends = leased.map(async (conn) => {
  for await (const message of conn) if (message === "end") return;
});
await Promise.race(ends);
const { activeConnections, idleConnections, totalReconnects } = pool.stats();
console.log(
  JSON.stringify({
    events,
    activeConnections,
    idleConnections,
    totalReconnects,
  }),
);
