/**
 * What the benchmarks do, without their measuring: the same work for the whole
 * library over fake sockets, and for the hand-written ideal.
 *
 * @module
 */
import { ConnectionPool, type PooledConnection } from "../../mod.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import type { FakeSocket } from "../support/fake_socket.ts";
import { IdealPool, IdealReader } from "./ideal_pool.ts";

/** Connections in either pool. */
export const CONNECTIONS = 10;
/** Messages of one socket read: what a consumer meets at a high rate. */
const BURST = 64;

const PATH = "wss://h.example/ws";

type TextPool = ConnectionPool<string, string>;
type TextConnection = PooledConnection<string, string>;

/** The library, with every connection open and idle. */
export class LibraryBench implements AsyncDisposable {
  readonly network: FakeNetwork;
  readonly pool: TextPool;

  private constructor(network: FakeNetwork, pool: TextPool) {
    this.network = network;
    this.pool = pool;
  }

  static async start(): Promise<LibraryBench> {
    const network = new FakeNetwork();
    const pool: TextPool = new ConnectionPool({
      maxConnections: CONNECTIONS,
      maxConnecting: CONNECTIONS,
      websocket: {
        factory: network.factory,
        codec: "text",
        inbox: { capacity: Infinity },
      },
    });
    await pool.warm(PATH, { count: CONNECTIONS });
    return new LibraryBench(network, pool);
  }

  async pairs(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const conn = await this.pool.acquire(PATH);
      conn.release();
    }
  }

  async pairsWithAwaitUsing(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await using _conn = await this.pool.acquire(PATH);
    }
  }

  tryPairs(count: number): void {
    for (let index = 0; index < count; index++) {
      this.pool.tryAcquire(PATH)?.release();
    }
  }

  /** `waiters` acquires behind leases of all connections, then hands them on. */
  async handOver(waiters: number): Promise<void> {
    const held: TextConnection[] = [];
    while (held.length < CONNECTIONS) held.push(await this.pool.acquire(PATH));
    const work = Array.from({ length: waiters }, async () => {
      const conn = await this.pool.acquire(PATH);
      conn.release();
    });
    for (const conn of held) conn.release();
    await Promise.all(work);
  }

  async receiveByIteration(count: number): Promise<void> {
    const conn = await this.pool.acquire(PATH);
    const reading = readAll(conn, count);
    await pour(this.#socketOf(conn), count);
    await reading;
    await conn.release();
  }

  async receiveByForEach(count: number): Promise<void> {
    const conn = await this.pool.acquire(PATH);
    let seen = 0;
    const reading = conn.forEach(() => {
      if (++seen === count) conn.release();
    });
    await pour(this.#socketOf(conn), count);
    await reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close();
  }

  #socketOf({ id }: TextConnection): FakeSocket {
    const socket = this.network.sockets[id - 1];
    if (socket === undefined) throw new Error(`No socket ${id}`);
    return socket;
  }
}

/** The hand-written ideal, with the same sockets. */
export class IdealBench {
  readonly #sockets: FakeSocket[];
  readonly #pool: IdealPool;

  constructor() {
    const network = new FakeNetwork();
    for (let index = 0; index < CONNECTIONS; index++) {
      network.factory(PATH, { protocols: [] }).open();
    }
    this.#sockets = network.sockets;
    this.#pool = new IdealPool(network.sockets);
  }

  async pairs(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const lease = await this.#pool.acquire();
      lease.release();
    }
  }

  async handOver(waiters: number): Promise<void> {
    const held = [];
    while (held.length < CONNECTIONS) held.push(await this.#pool.acquire());
    const work = Array.from({ length: waiters }, async () => {
      const lease = await this.#pool.acquire();
      lease.release();
    });
    for (const lease of held) lease.release();
    await Promise.all(work);
  }

  async receiveByIteration(count: number): Promise<void> {
    const socket = this.#freshSocket();
    const reading = readAll(new IdealReader(socket), count);
    await pour(socket, count);
    await reading;
  }

  async receiveByListener(count: number): Promise<void> {
    const socket = this.#freshSocket();
    let seen = 0;
    socket.addEventListener("message", () => seen++);
    await pour(socket, count);
    if (seen !== count) throw new Error(`${seen} of ${count} messages`);
  }

  /** Listeners of an earlier run must not share the work. */
  #freshSocket(): FakeSocket {
    const network = new FakeNetwork();
    const socket = network.factory(PATH, { protocols: [] });
    socket.open();
    this.#sockets[0] = socket;
    return socket;
  }
}

async function readAll(
  messages: AsyncIterable<unknown>,
  count: number,
): Promise<void> {
  let seen = 0;
  for await (const _ of messages) if (++seen === count) return;
}

/** Delivers messages in bursts; what is ready runs between two of them. */
async function pour(socket: FakeSocket, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    socket.message("message");
    if (index % BURST === BURST - 1) {
      for (let turn = 0; turn < 2 * BURST; turn++) await undefined;
    }
  }
}
