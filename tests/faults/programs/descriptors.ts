/**
 * A program whose process may not have as many descriptors as its pool wants
 * connections. It says how many it got, what the others were told, and whether
 * one can be had again after the leases are gone.
 *
 * Arguments: the address of a server, and how many connections it asks for.
 */
import { ConnectError, ConnectionPool } from "@jetsocket/pool";

// Deno makes its watch over signals at some time of its own choosing, and
// panics if there is no descriptor left for it: this makes it now.
const ignore = () => {};
Deno.addSignalListener("SIGUSR2", ignore);
Deno.removeSignalListener("SIGUSR2", ignore);

const [baseUrl = "", count = ""] = Deno.args;
const wanted = Number(count);
await using pool = new ConnectionPool({
  baseUrl,
  maxConnections: wanted,
  maxConnecting: wanted,
});
const acquires = await Promise.allSettled(
  Array.from({ length: wanted }, (_, index) => pool.acquire(`/${index}`)),
);
let leased = 0;
const failures = new Set<string>();
for (const acquire of acquires) {
  if (acquire.status === "fulfilled") {
    leased++;
    acquire.value.discard();
  } else {
    const { reason } = acquire;
    failures.add(reason instanceof ConnectError ? reason.phase : `${reason}`);
  }
}
/** The sockets have to be closed before there is a descriptor. */
async function tryAgain(): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return await pool.use("/again", (conn) => conn.isConnected);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
    }
  }
  return false;
}
const again = await tryAgain();
const { connectingConnections, waiting } = pool.stats();
console.log(
  JSON.stringify({
    leased,
    failures: [...failures],
    again,
    connectingConnections,
    waiting,
  }),
);
