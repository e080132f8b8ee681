import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../../integration/random.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import { readAll } from "../../support/read_all.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** How many delays of a backoff fit into a time at the least: none can be shorter. */
function mostRedials(
  { minDelay, maxDelay, jitter }: {
    minDelay: number;
    maxDelay: number;
    jitter: number;
  },
  duration: number,
): number {
  let count = 0;
  let spent = 0;
  for (;;) {
    spent += Math.min(maxDelay, minDelay * 2 ** count) * (1 - jitter);
    if (spent > duration) return count;
    count++;
  }
}

Deno.test("4.5 F79 a server killed and restarted 20 times in 60 s: three streams go on in their leases, dials within the backoff's bound", async () => {
  const reconnect = { minDelay: 100, maxDelay: 2_000, jitter: 0.5 };
  const paths = ["/btc", "/eth", "/sol"];
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    await using virtual = createVirtualPool(
      {
        websocket: {
          reconnect,
          onOpen: async (conn) => {
            await conn.send("subscribe");
            assertEquals(await conn.receive(), "subscribed");
          },
        },
      },
      { random },
    );
    const { pool, clock, network } = virtual;
    let isUp = true;
    let sequence = 0;
    network.behaviour = (socket) => {
      const refuses = !isUp;
      queueMicrotask(() => {
        if (refuses) return socket.fail();
        socket.open();
      });
    };
    /** The server's side of the subscriptions. */
    const serve = () => {
      for (const socket of network.sockets) {
        if (socket.ended || socket.readyState !== 1) continue;
        if (socket.sent.length === 1 && !welcomed.has(socket)) {
          welcomed.add(socket);
          socket.message('"subscribed"');
        }
      }
    };
    const welcomed = new Set<FakeSocket>();
    const acquired = paths.map((path) => observe(pool.acquire(path)));
    await clock.settle();
    serve();
    await clock.settle();
    const conns = acquired.map(({ value }) => value);
    const streams = conns.map((conn) => readAll(conn));
    const sent: number[][] = paths.map(() => []);

    // 20 kills and 20 restarts at random moments, in turn.
    const moments = Array.from({ length: 40 }, () => random() * 60_000)
      .sort((a, b) => a - b);
    for (let elapsed = 0; elapsed < 60_000; elapsed += 20) {
      for (; (moments[0] ?? Infinity) <= elapsed; moments.shift()) {
        isUp = !isUp;
        if (isUp) continue;
        for (const socket of [...network.sockets]) {
          if (!socket.ended) socket.reset();
        }
      }
      serve();
      await clock.settle();
      for (const [index, path] of paths.entries()) {
        const socket = network.socketsTo(path).at(-1);
        if (socket === undefined || !welcomed.has(socket)) continue;
        if (socket.message(String(++sequence))) sent[index]?.push(sequence);
      }
      await clock.advance(20);
    }
    const bound = 1 + mostRedials(reconnect, 60_000);
    for (const path of paths) {
      const dials = network.dials.filter(({ url }) => url.endsWith(path));
      assert(dials.length <= bound, `${dials.length} dials, bound ${bound}`);
    }
    // It is up again by now: each stream is back after its last delay at most.
    assert(isUp);
    for (let left = reconnect.maxDelay; left >= 0; left -= 20) {
      await clock.advance(20);
      serve();
      await clock.settle();
    }
    for (const [index, { messages, end }] of streams.entries()) {
      assertEquals(conns[index]?.isConnected, true);
      assertEquals(end.state, "pending");
      assertEquals(messages, sent[index]);
      assert(messages.length > 0);
    }
    for (const socket of welcomed) assertEquals(socket.sent, ['"subscribe"']);
    assertEquals(pool.stats().totalConnections, 3);
    assertEquals(pool.stats().activeConnections, 3);
  }
});
