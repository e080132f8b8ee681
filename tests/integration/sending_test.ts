import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionPool, type PooledConnection } from "@jetsocket/pool";
import { RawServer } from "../support/raw_server.ts";

const CHUNK = 256 * 1_024;
const MARK = 1_048_576;
/** More than the kernel takes for a peer that does not read. */
const MOST_CHUNKS = 1_000;
/** No room for so long means that the kernel takes no more, also on a slow machine. */
const PATIENCE = 250;

/** A text that tells its number and fills a socket. */
function chunk(number: number): string {
  return String(number).padEnd(CHUNK);
}

/** Fills what the process holds; the kernel will yet take some of it. */
function fillProcess(conn: PooledConnection<string, string>): void {
  for (let count = 0; count < MOST_CHUNKS; count++) {
    if (!conn.trySend(chunk(count))) return;
  }
  throw new Error(`${MOST_CHUNKS} chunks met no back-pressure`);
}

/** Sends until neither kernel nor process take more. @returns How many went out, and the error of the first that did not */
async function fillAll(
  conn: PooledConnection<string, string>,
): Promise<{ count: number; error: unknown }> {
  for (let count = 0; count < MOST_CHUNKS; count++) {
    try {
      await conn.send(chunk(count), { timeout: PATIENCE });
    } catch (error) {
      return { count, error };
    }
  }
  throw new Error(`${MOST_CHUNKS} chunks met no back-pressure`);
}

function textPool(server: RawServer): ConnectionPool<string, string> {
  return new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { codec: "text", sendHighWaterMark: MARK },
  });
}

Deno.test("F69 a peer that does not read: send waits, times out unsent, and goes on in order", async () => {
  await using server = await RawServer.start();
  await using pool = textPool(server);
  await using conn = await pool.acquire("/sink");
  const peer = await server.peer();
  peer.pause();
  const { count, error } = await fillAll(conn);
  assert(error instanceof DOMException && error.name === "TimeoutError");
  assert(conn.bufferedAmount > MARK, `${conn.bufferedAmount} bytes`);

  const controller = new AbortController();
  const aborted = conn.send("not sent either", { signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => aborted), reason);

  const settled: number[] = [];
  const sends = [count, count + 1].map((number) =>
    conn.send(chunk(number)).then(() => settled.push(number))
  );
  assertEquals(conn.trySend("in front of those who wait"), false);
  peer.resume();
  await Promise.all(sends);
  assertEquals(settled, [count, count + 1]);
  await peer.until(() => peer.messages.length === count + 2);
  assertEquals(
    peer.messages.map(Number),
    Array.from({ length: count + 2 }, (_, index) => index),
  );
});

Deno.test("F69 4.4 a release above sendHighWaterMark discards: the next lease has another connection", async () => {
  await using server = await RawServer.start();
  await using pool = textPool(server);
  const conn = await pool.acquire("/sink");
  const peer = await server.peer();
  peer.pause();
  fillProcess(conn);
  await conn.release();
  assertEquals(pool.stats().retired.discarded, 1);
  {
    await using next = await pool.acquire("/sink");
    assertEquals([next.id, next.reused], [2, false]);
  }
  // Now it reads on, up to the close.
  peer.resume();
  await peer.until(() => !peer.isOpen);
  assertEquals(peer.closeCode, 1000);
});

Deno.test("F69 a loss ends the wait for room", async () => {
  await using server = await RawServer.start();
  await using pool = textPool(server);
  await using conn = await pool.acquire("/sink");
  const peer = await server.peer();
  peer.pause();
  fillProcess(conn);
  const waiting = conn.send("waits");
  peer.reset();
  await assertRejects(() => waiting, Error, "is lost");
});
