import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  ConnectError,
  ConnectionLostError,
  type ConnectionPool,
  LeaseReleasedError,
  PoolClosedError,
  type PooledConnection,
} from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import {
  createVirtualPool,
  observe,
  type VirtualPool,
} from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** With `random: () => 0.5` the first redial starts half of `minDelay` after a loss. */
const FIRST_DELAY = 500;

/** Reads a connection to its end. */
function read<T>(conn: PooledConnection<T>): {
  readonly messages: T[];
  readonly end: ReturnType<typeof observe<void>>;
} {
  const messages: T[] = [];
  const loop = async () => {
    for await (const message of conn) messages.push(message);
  };
  return { messages, end: observe(loop()) };
}

Deno.test("4.5 a lost lease goes on: buffered messages, then the new socket's, hooks in order, one lease", async () => {
  for (const runtime of RUNTIMES) {
    const log: unknown[] = [];
    await using virtual = createVirtualPool({
      maxConnections: 1,
      websocket: {
        reconnect: true,
        onOpen: (conn, context) => {
          log.push(["onOpen", conn.id, { ...context }]);
        },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    for (const type of ["reconnecting", "reconnect", "lost"] as const) {
      pool.addEventListener(type, (event) => {
        log.push([type, event.connectionId, event.reason]);
      });
    }
    const conn = await pool.acquire("/a", {
      onReconnect: (hook) => void log.push(["onReconnect", hook.id]),
    });
    const { signal } = conn;
    network.last.message("1");
    network.last.message("2");
    network.last.reset();
    assertEquals(conn.isConnected, false);
    assertEquals(conn.trySend("x"), false);
    assertEquals(pool.stats().activeConnections, 1);
    await clock.advance(FIRST_DELAY - 1);
    assertEquals(network.dials.length, 1);
    await clock.advance(1);
    assertEquals(network.dials.length, 2);
    assertEquals(conn.isConnected, true);
    network.last.message("3");
    const { messages, end } = read(conn);
    await clock.settle();
    assertEquals([messages, end.state], [[1, 2, 3], "pending"]);
    assertEquals(signal.aborted, false);
    assertEquals(log, [
      ["onOpen", 1, { reconnected: false, attempt: 1 }],
      ["reconnecting", 1, "lost"],
      ["onOpen", 1, { reconnected: true, attempt: 1 }],
      ["onReconnect", 1],
      ["reconnect", 1, "lost"],
    ]);
    assertEquals(conn.stats().reconnects, 1);
    const stats = pool.stats();
    assertEquals(
      [stats.totalReconnects, stats.totalConnections, stats.totalAcquired],
      [1, 1, 1],
    );
    await conn.release();
    await clock.settle();
    assertEquals(end.state, "fulfilled");
    assertEquals(pool.stats().idleConnections, 1);
  }
});

Deno.test("4.5 every end but a fatal one is carried over, a clean close by the peer too", async () => {
  const ends: ((socket: FakeSocket) => void)[] = [
    (socket) => socket.reset(),
    ...[1000, 1001, 1005, 1011, 1012, 1013, 3000, 4000, 4999].map((code) =>
    (
      socket: FakeSocket,
    ) => socket.peerClose(code)),
  ];
  for (const end of ends) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    end(network.last);
    await clock.advance(FIRST_DELAY);
    assertEquals([conn.isConnected, network.dials.length], [true, 2]);
  }
});

Deno.test("4.5 3.2 hooks of a redial do not mix with the lease's pending reader and senders", async () => {
  for (const runtime of RUNTIMES) {
    const heard: unknown[] = [];
    await using virtual = createVirtualPool({
      websocket: {
        reconnect: true,
        onOpen: async (conn, { reconnected }) => {
          if (!reconnected) return;
          await conn.send("login");
          heard.push(await conn.receive());
        },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a", {
      onReconnect: async (hook) => {
        await hook.send("subscribe");
        heard.push(await hook.receive());
      },
    });
    const reader = observe(conn.receive());
    network.last.reset();
    const senders = [observe(conn.send("first")), observe(conn.send("second"))];
    await clock.advance(FIRST_DELAY);
    const socket = network.last;
    assertEquals(socket.sent, ['"login"']);
    assertEquals(conn.trySend("too early"), false);
    socket.message('"welcome"');
    await clock.settle();
    assertEquals(socket.sent, ['"login"', '"subscribe"']);
    assertEquals(senders.map(({ state }) => state), ["pending", "pending"]);
    socket.message('"subscribed"');
    socket.message('"a trade"');
    await clock.settle();
    assertEquals(heard, ["welcome", "subscribed"]);
    // What the hooks did not read is the lease's.
    assertEquals(reader.value, "a trade");
    assertEquals(socket.sent, [
      '"login"',
      '"subscribe"',
      '"first"',
      '"second"',
    ]);
    assertEquals(senders.map(({ state }) => state), ["fulfilled", "fulfilled"]);
  }
});

Deno.test("3.2 4.11 during a reconnect send waits within its timeout and signal; what timed out is never sent", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.last.reset();
  const abort = new AbortController();
  const timed = observe(conn.send("timed", { timeout: 100 }));
  const signalled = observe(conn.send("signalled", { signal: abort.signal }));
  const patient = observe(conn.send("patient"));
  await clock.advance(99);
  assertEquals(timed.state, "pending");
  await clock.advance(1);
  assertInstanceOf(timed.reason, DOMException);
  assertEquals(timed.reason.name, "TimeoutError");
  const reason = new Error("no longer");
  abort.abort(reason);
  await clock.settle();
  assertEquals(signalled.reason, reason);
  assertEquals(patient.state, "pending");
  await clock.advance(900);
  assertEquals(patient.state, "fulfilled");
  assertEquals(network.last.sent, ['"patient"']);
});

/** Brings a lease with `reconnect` into a stage between two sockets. */
interface Stage {
  readonly name: string;
  reach(virtual: VirtualPool<unknown, unknown>): Promise<void>;
}

let hangs = false;
const never = () => new Promise<never>(() => {});

const STAGES: Stage[] = [
  {
    name: "queued",
    reach: async ({ network, clock }) => {
      network.last.reset();
      await clock.settle();
    },
  },
  {
    name: "resolving",
    reach: async ({ network, clock }) => {
      hangs = true;
      network.last.reset();
      await clock.advance(FIRST_DELAY);
      assertEquals(network.dials.length, 1);
    },
  },
  {
    name: "dialling",
    reach: async ({ network, clock }) => {
      network.behaviour = "hang";
      network.last.reset();
      await clock.advance(FIRST_DELAY);
      assertEquals(network.connecting, 1);
    },
  },
  {
    name: "in onOpen",
    reach: async ({ network, clock }) => {
      network.last.reset();
      await clock.advance(FIRST_DELAY - 1);
      hangs = true;
      network.behaviour = (socket) => {
        hangs = false;
        queueMicrotask(() => {
          hangs = true;
          socket.open();
        });
      };
      hangs = false;
      await clock.advance(1);
      assertEquals([network.connecting, network.live], [0, 1]);
    },
  },
];

function createStagedPool(
  runtime: RuntimeName,
): VirtualPool<unknown, unknown> {
  hangs = false;
  return createVirtualPool({
    maxConnections: 1,
    websocket: {
      reconnect: true,
      resolveUrl: ({ url }) => hangs ? never() : url,
      onOpen: () => hangs ? never() : undefined,
    },
  }, { runtime });
}

/** Asserts that the pool can do what a new one can, and then holds no timer. */
async function assertUsable(
  { pool, clock, network }: VirtualPool<unknown, unknown>,
): Promise<void> {
  hangs = false;
  network.behaviour = "open";
  const next = observe(pool.acquire("/other"));
  await clock.settle();
  assertEquals(next.state, "fulfilled");
  const { activeConnections, connectingConnections } = pool.stats();
  assertEquals([activeConnections, connectingConnections], [1, 0]);
  assertEquals(network.live, 1);
  await next.value.discard();
  await clock.advance(120_000);
  assertEquals([network.live, clock.pending], [0, 0]);
  for (const socket of network.sockets) {
    assertEquals(socket.listenerCount(), 0);
  }
}

Deno.test("4.5 4.11 release and discard in every stage of a reconnect are immediate and leak nothing", async () => {
  for (const runtime of RUNTIMES) {
    for (const stage of STAGES) {
      for (const way of ["release", "discard"] as const) {
        await using virtual = createStagedPool(runtime);
        const { pool, clock } = virtual;
        const conn = await pool.acquire("/a");
        const reader = observe(conn.receive());
        await stage.reach(virtual);
        const sender = observe(conn.send("x"));
        const released = observe(conn[way]());
        assertEquals(pool.stats().activeConnections, 0, stage.name);
        await clock.settle();
        assertEquals(released.state, "fulfilled", stage.name);
        assertInstanceOf(reader.reason, LeaseReleasedError, stage.name);
        assertInstanceOf(sender.reason, LeaseReleasedError, stage.name);
        assertEquals(pool.stats().totalReleased, 1);
        await assertUsable(virtual);
        assertEquals(pool.stats().totalReconnects, 0);
      }
    }
  }
});

Deno.test("4.5 4.8 close in every stage of a reconnect is immediate and leaks nothing", async () => {
  for (const runtime of RUNTIMES) {
    for (const stage of STAGES) {
      for (const drainTimeout of [0, 60_000]) {
        await using virtual = createStagedPool(runtime);
        const { pool, clock, network } = virtual;
        const conn = await pool.acquire("/a");
        const reader = observe(conn.receive());
        await stage.reach(virtual);
        const closed = observe(pool.close({ drainTimeout }));
        await clock.settle();
        assertEquals(
          closed.value,
          { drained: 0, forced: 1, abandoned: 0 },
          stage.name,
        );
        assertInstanceOf(reader.reason, PoolClosedError);
        assertEquals([clock.pending, network.live], [0, 0]);
      }
    }
  }
});

Deno.test("4.11 clear in the middle of a reconnect forgets the backoff; the lease lives and is retired on release", async () => {
  await using virtual = createVirtualPool({ websocket: { reconnect: true } });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.last.reset();
  pool.clear();
  await clock.settle();
  assertEquals([conn.isConnected, network.dials.length], [true, 2]);
  await conn.release();
  await clock.settle();
  assertEquals(pool.stats().retired.cleared, 1);
});

Deno.test("4.5 maxAttempts failed redials end the lease: buffered messages, then ConnectionLostError with the last failure", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { maxAttempts: 3, jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const lost: unknown[] = [];
  pool.addEventListener("lost", ({ connectionId }) => {
    lost.push(connectionId);
  });
  const conn = await pool.acquire("/a");
  const { signal } = conn;
  network.last.message("1");
  network.behaviour = "refuse";
  network.last.reset();
  await clock.advance(1_000 + 2_000 + 4_000 - 1);
  assertEquals([network.dials.length, signal.aborted], [3, false]);
  await clock.advance(1);
  assertEquals([network.dials.length, signal.aborted], [4, true]);
  const { messages, end } = read(conn);
  await clock.settle();
  assertEquals(messages, [1]);
  assertInstanceOf(end.reason, ConnectionLostError);
  assertEquals(signal.reason, end.reason);
  const { cause } = end.reason;
  assertInstanceOf(cause, ConnectError);
  assertEquals(
    [cause.phase, cause.attempts, cause.fatal, cause.closeCode],
    ["dial", 3, false, 1006],
  );
  await assertRejects(() => conn.send("x"), ConnectionLostError);
  assertEquals(lost, [1]);
  assertEquals(pool.stats().activeConnections, 0);
  await clock.advance(600_000);
  assertEquals(network.dials.length, 4);
});

Deno.test("4.5 a successful redial starts maxAttempts anew", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { maxAttempts: 2, jitter: 0, multiplier: 1 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  for (let round = 0; round < 5; round++) {
    network.behaviour = "refuse";
    network.last.reset();
    await clock.advance(1_500);
    network.behaviour = "open";
    await clock.advance(500);
    assertEquals(conn.isConnected, true);
  }
  assertEquals(conn.stats().reconnects, 5);
});

Deno.test("4.5 full jitter: each delay lies in (0, ceiling], the ceiling doubles up to maxDelay", async () => {
  for (const random of [0, 0.25, 0.5, 0.999]) {
    await using virtual = createVirtualPool(
      { websocket: { reconnect: { minDelay: 100, maxDelay: 1_500 } } },
      { random: () => random },
    );
    const { pool, clock, network } = virtual;
    await pool.acquire("/a");
    network.behaviour = "refuse";
    network.last.reset();
    const lostAt = clock.time;
    await clock.advance(20_000 * (1 - random));
    const times = [lostAt, ...network.dials.slice(1).map(({ at }) => at)];
    const delays = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    const ceilings = [100, 200, 400, 800, 1_500, 1_500, 1_500];
    for (const [index, ceiling] of ceilings.entries()) {
      const delay = delays[index] ?? NaN;
      const off = Math.abs(delay - ceiling * (1 - random));
      assert(off < 0.001, `delay ${index + 1} is ${delay}`);
    }
  }
});

Deno.test("4.5 jitter, multiplier: without jitter the delays are the ceilings", async () => {
  await using virtual = createVirtualPool(
    {
      websocket: {
        reconnect: { minDelay: 10, maxDelay: 1_000, multiplier: 3, jitter: 0 },
      },
    },
    { random: () => 0.9 },
  );
  const { pool, clock, network } = virtual;
  await pool.acquire("/a");
  network.behaviour = "refuse";
  network.last.reset();
  const lostAt = clock.time;
  await clock.advance(10 + 30 + 90 + 270 + 810 + 1_000);
  assertEquals(network.dials.slice(1).map(({ at }) => at - lostAt), [
    10,
    40,
    130,
    400,
    1_210,
    2_210,
  ]);
});

Deno.test("4.5 F81 flapping does not reset the backoff; resetAfter of stable uptime does", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { jitter: 0, resetAfter: 30_000 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  for (const delay of [1_000, 2_000, 4_000, 8_000]) {
    await clock.advance(29_000);
    network.last.peerClose(1013);
    const lostAt = clock.time;
    await clock.advance(delay);
    assertEquals(network.dials.at(-1)?.at, lostAt + delay);
    assertEquals(conn.isConnected, true);
  }
  await clock.advance(30_000);
  network.last.peerClose(1013);
  await clock.advance(999);
  assertEquals(conn.isConnected, false);
  await clock.advance(1);
  assertEquals(conn.isConnected, true);
});

Deno.test("4.5 F21 a close with 1013 and a refused dial back off alike", async () => {
  const delays: number[][] = [];
  for (const way of ["1013", "refused"]) {
    await using virtual = createVirtualPool({
      websocket: { reconnect: { jitter: 0 } },
    });
    const { pool, clock, network } = virtual;
    await pool.acquire("/a");
    network.behaviour = way === "refused" ? "refuse" : (socket) => {
      queueMicrotask(() => socket.open());
      // After the redial is done, so that this is a loss, not a failed dial.
      clock.setTimer(() => socket.peerClose(1013), 0);
    };
    network.last.peerClose(1013);
    const start = clock.time;
    await clock.advance(40_000);
    delays.push(network.dials.slice(1).map(({ at }) => at - start));
  }
  assertEquals(delays[0], [1_000, 3_000, 7_000, 15_000, 31_000]);
  assertEquals(delays[1], delays[0]);
});

Deno.test("4.5 many leases of one key lost at once are one failure: all are back within one backoff", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 20,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conns = await Promise.all(
    Array.from({ length: 20 }, () => pool.acquire("/a")),
  );
  for (const socket of [...network.sockets]) socket.peerClose(1012);
  await clock.advance(1_000);
  assertEquals(conns.every(({ isConnected }) => isConnected), true);
  // Nor does it count twenty times when the next loss comes.
  network.last.reset();
  await clock.advance(2_000);
  assertEquals(conns.every(({ isConnected }) => isConnected), true);
});

Deno.test("4.5 I6 a redialled socket that closes at any turn after its opening is noticed", async () => {
  for (let turns = 0; turns < 40; turns++) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.behaviour = async (socket) => {
      network.behaviour = "open";
      await undefined;
      socket.open();
      for (let turn = 0; turn < turns; turn++) await undefined;
      socket.reset();
    };
    network.last.reset();
    await clock.advance(10_000);
    assertEquals(conn.isConnected, true, `closed after ${turns} turns`);
    network.last.message("1");
    assertEquals(await conn.receive(), 1);
    assertEquals(pool.stats().activeConnections, 1);
  }
});

Deno.test("4.3 4.5 redials and waiters of other keys go in the order of their arrival, once the backoff is over", async () => {
  await using virtual = createVirtualPool({
    maxConnecting: 1,
    acquireTimeout: 60_000,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/lost");
  network.behaviour = (socket) => {
    clock.setTimer(() => socket.open(), 600);
  };
  const waiters = [observe(pool.acquire("/1"))];
  await clock.settle();
  network.socketsTo("/lost")[0]?.reset();
  waiters.push(observe(pool.acquire("/2")), observe(pool.acquire("/3")));
  await clock.advance(2_400);
  // "/2" may go while "/lost" backs off, until 1000; "/3" may not.
  assertEquals(network.dials.map(({ url }) => new URL(url).pathname), [
    "/lost",
    "/1",
    "/2",
    "/lost",
    "/3",
  ]);
  assertEquals(conn.isConnected, true);
  assertEquals(
    waiters.map(({ state }) => state),
    new Array(3).fill(
      "fulfilled",
    ),
  );
});

Deno.test("4.5 a full pool whose other keys have waiters still redials: a lease has its slot", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 2,
    acquireTimeout: Infinity,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conns = [await pool.acquire("/a"), await pool.acquire("/b")];
  const waiters = ["/c", "/d", "/a"].map((path) => observe(pool.acquire(path)));
  await clock.settle();
  for (const socket of [...network.sockets]) socket.reset();
  await clock.advance(1_000);
  assertEquals(conns.map(({ isConnected }) => isConnected), [true, true]);
  await conns[0]?.release();
  await clock.settle();
  assertEquals(waiters.filter(({ state }) => state === "fulfilled").length, 1);
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
    const random = seeded(seed);
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
    const streams = conns.map((conn) => read(conn));
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

/** A lease whose address refuses every dial after the first. */
async function leaseOfDeadServer(
  pool: ConnectionPool,
  virtual: VirtualPool<unknown, unknown>,
): Promise<PooledConnection> {
  const conn = await pool.acquire("/a");
  virtual.network.behaviour = "refuse";
  virtual.network.last.reset();
  return conn;
}

Deno.test("regression of JetSocket (Python): retries do not recurse, 5000 in a row pass", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { minDelay: 1, maxDelay: 1, jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await leaseOfDeadServer(pool, virtual);
  await clock.advance(5_000);
  assertEquals(network.dials.length, 5_001);
  network.behaviour = "open";
  await clock.advance(1);
  assertEquals(conn.isConnected, true);
});

Deno.test("regression of JetSocket (Python): a handshake refused as with 401 is not retried without pause", async () => {
  await using virtual = createVirtualPool({ websocket: { reconnect: true } });
  const { pool, clock, network } = virtual;
  await leaseOfDeadServer(pool, virtual);
  await clock.advance(60_000);
  // Ceilings 1, 2, 4, 8, 16, 32, 60 s, halved by `random`: 0.5 + 1 + 2 + 4 + 8 + 16 = 31.5, + 30.
  assertEquals(network.dials.length, 1 + 6);
});

Deno.test("regression of JetSocket (Python): a close with 1008 is not retried", async () => {
  await using virtual = createVirtualPool({ websocket: { reconnect: true } });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  const { end } = read(conn);
  network.last.peerClose(1008, "policy");
  await clock.settle();
  assertInstanceOf(end.reason, ConnectionLostError);
  assertEquals([end.reason.closeCode, end.reason.closeReason], [
    1008,
    "policy",
  ]);
  await clock.advance(600_000);
  assertEquals(network.dials.length, 1);
});

Deno.test("regression of JetSocket (Python): the attempt counter is reset by success", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { maxAttempts: 3, jitter: 0, resetAfter: 10_000 } },
  });
  const { pool, clock, network } = virtual;
  const attempts: number[] = [];
  pool.addEventListener("reconnect", (event) => {
    attempts.push(event.attempts);
  });
  const conn = await pool.acquire("/a");
  for (let night = 0; night < 10; night++) {
    network.behaviour = "refuse";
    network.last.reset();
    await clock.advance(1_000);
    network.behaviour = "open";
    await clock.advance(2_000);
    assertEquals(conn.isConnected, true);
    await clock.advance(10_000);
  }
  assertEquals(attempts, new Array(10).fill(2));
});

Deno.test("regression of JetSocket (Python): iteration ends after the pool's close, also during a reconnect", async () => {
  for (const isLost of [false, true]) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const { end } = read(conn);
    if (isLost) network.last.reset();
    pool.close();
    await clock.settle();
    assertInstanceOf(end.reason, PoolClosedError);
    const after = read(conn);
    await clock.settle();
    assertEquals(after.end.state, "rejected");
  }
});

Deno.test("regression of JetSocket (Python): subscriptions survive a reconnect", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: true,
      onOpen: (conn) => conn.send({ login: "key" }),
    },
  });
  const { pool, clock, network } = virtual;
  const channels = ["trades", "book"];
  const subscribe = async (
    conn: { send(message: unknown): Promise<void> },
  ) => {
    for (const channel of channels) await conn.send({ subscribe: channel });
  };
  const conn = await pool.acquire("/a", { onReconnect: subscribe });
  await subscribe(conn);
  for (let round = 0; round < 3; round++) {
    network.last.reset();
    await clock.advance(60_000);
    assertEquals(network.last.sent, [
      '{"login":"key"}',
      '{"subscribe":"trades"}',
      '{"subscribe":"book"}',
    ]);
  }
});
