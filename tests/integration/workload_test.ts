import { assert, assertEquals } from "@std/assert";
import {
  ConnectError,
  ConnectionPool,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { seededRandom } from "./random.ts";

const TASKS = 500;
const ADDRESSES = 40;
const LIMIT = 5;

/** Thrown by a task that fails on purpose. */
class TaskFailed extends Error {}

type Pool = ConnectionPool<number, number>;

/** One task from its acquire to its end; rejects where it goes wrong. */
type Task = (pool: Pool, path: string, id: number) => Promise<void>;

async function roundTrip(
  conn: Awaited<ReturnType<Pool["acquire"]>>,
  id: number,
): Promise<void> {
  await conn.send(id);
  assertEquals(await conn.receive(), id);
}

const serve: Task = async (pool, path, id) => {
  await using conn = await pool.acquire(path, { timeout: Infinity });
  await roundTrip(conn, id);
};

const discard: Task = async (pool, path, id) => {
  const conn = await pool.acquire(path, { timeout: Infinity });
  await roundTrip(conn, id);
  await conn.discard();
};

const fail: Task = async (pool, path, id) => {
  const failure = new TaskFailed();
  try {
    await pool.use(path, async (conn) => {
      await roundTrip(conn, id);
      throw failure;
    }, { timeout: Infinity });
  } catch (error) {
    if (error === failure) return;
    throw error;
  }
  throw new Error("use swallowed what the function threw");
};

function impatient(timeout: number): Task {
  return async (pool, path, id) => {
    try {
      await using conn = await pool.acquire(path, { timeout });
      await roundTrip(conn, id);
    } catch (error) {
      const isLate = error instanceof PoolExhaustedError ||
        (error instanceof ConnectError && error.timedOut);
      if (!isLate) throw error;
    }
  };
}

function aborted(delay: number): Task {
  return async (pool, path, id) => {
    const controller = new AbortController();
    const reason = new TaskFailed();
    const timer = setTimeout(() => controller.abort(reason), delay);
    const { signal } = controller;
    try {
      await using conn = await pool.acquire(path, { signal, timeout: 60_000 });
      await roundTrip(conn, id);
    } catch (error) {
      if (error !== reason) throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

function pickTask(random: () => number): Task {
  const choice = random();
  if (choice < 0.6) return serve;
  if (choice < 0.7) return discard;
  if (choice < 0.8) return fail;
  const delay = Math.floor(random() * 300);
  return choice < 0.9 ? impatient(delay) : aborted(delay);
}

Deno.test("I1 500 random tasks over 40 addresses: the server never counts more than 5 sockets, every task ends", async () => {
  await using server = EchoServer.start();
  const seed = Number(
    Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32),
  );
  console.log(`seed ${seed}: SEED=${seed} repeats the choices`);
  const random = seededRandom(seed);
  await using pool: Pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: LIMIT,
  });
  const tasks = Array.from({ length: TASKS }, (_, id) => {
    const path = `/echo/${Math.floor(random() * ADDRESSES)}`;
    return pickTask(random)(pool, path, id);
  });
  const results = await Promise.allSettled(tasks);
  const failures = results.filter(({ status }) => status === "rejected");
  assertEquals(failures, []);
  assert(server.maxOpen <= LIMIT, `${server.maxOpen} sockets at once`);

  const stats = pool.stats();
  assertEquals([stats.waiting, stats.activeConnections], [0, 0]);
  assertEquals(stats.totalAcquireStarted, TASKS);
  assertEquals(stats.totalReleased, stats.totalAcquired);
  const retired = Object.values(stats.retired).reduce((sum, n) => sum + n);
  assertEquals(stats.totalConnections, stats.idleConnections + retired);
});
