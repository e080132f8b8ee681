/**
 * A program that leaves its pool in the middle of a reconnect: neither the
 * backoff nor the dial may hold the process up.
 *
 * Arguments: the address of a server that ends the first connection once it
 * has got a message and answers no further handshake, and whether the pool is
 * left during the "backoff" or the "dial".
 */
import { ConnectionPool } from "@jetsocket/pool";

/** Longer than the test: whoever waits for it has hung. */
const HOUR = 3_600_000;

async function work(baseUrl: string, stage: string): Promise<void> {
  const reconnecting = Promise.withResolvers<void>();
  const dialling = Promise.withResolvers<void>();
  let dials = 0;
  await using pool = new ConnectionPool({
    baseUrl,
    acquireTimeout: HOUR,
    websocket: {
      connectTimeout: HOUR,
      closeTimeout: HOUR,
      reconnect: {
        minDelay: stage === "backoff" ? HOUR : 1,
        maxDelay: HOUR,
        jitter: 0,
      },
      heartbeat: { interval: HOUR, maxSilence: HOUR },
      factory: (url, { protocols }) => {
        if (++dials === 2) dialling.resolve();
        return new WebSocket(url, protocols);
      },
    },
  });
  pool.addEventListener("reconnecting", () => reconnecting.resolve());
  const conn = await pool.acquire("/stream");
  await conn.send("hello");
  await reconnecting.promise;
  const pending = [conn.receive(), conn.send("waits for the new socket")];
  for (const call of pending) call.catch((error) => console.log(error.code));
  if (stage === "dial") await dialling.promise;
  console.log(`leaving after ${dials} dials`);
}

const [baseUrl = "", stage = ""] = Deno.args;
await work(baseUrl, stage);
console.log("left the block");
