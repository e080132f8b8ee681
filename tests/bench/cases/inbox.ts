import type { Case, Surroundings, Workload } from "../case.ts";
import { BenchSocket } from "../contestants/bench_socket.ts";
import { PATH, type TextConnection } from "../contestants/pools.ts";
import { RingReader } from "../contestants/ring_reader.ts";

/** Messages of one socket read: what a consumer meets at a high rate. */
const BURST = 64;

const MESSAGE = "x".repeat(100);

/** Counts messages, and tells when all that were delivered are read. */
class Reading {
  #left = 0;
  #resolve: () => void = () => {};

  /** To be called for each message. */
  readonly seen = (): void => {
    if (--this.#left === 0) this.#resolve();
  };

  /** Delivers bursts, each when the one before is read. */
  async pour(socket: BenchSocket, bursts: number): Promise<void> {
    for (let burst = 0; burst < bursts; burst++) {
      this.#left = BURST;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resolve = resolve;
      for (let index = 0; index < BURST; index++) socket.deliver(MESSAGE);
      await promise;
    }
  }
}

function raw(start: (socket: BenchSocket, seen: () => void) => void): Workload {
  return ({ meter }) => {
    const socket = new BenchSocket();
    const reading = new Reading();
    start(socket, reading.seen);
    return meter.time((bursts) => reading.pour(socket, bursts), BURST);
  };
}

function leased(
  read: (conn: TextConnection, seen: () => void) => Promise<void>,
): Workload {
  return async ({ library: { ConnectionPool }, meter }: Surroundings) => {
    const opened: BenchSocket[] = [];
    await using pool = new ConnectionPool<string, string>({
      baseUrl: "wss://h.example",
      websocket: {
        factory: () => {
          const socket = new BenchSocket();
          opened.push(socket);
          return socket;
        },
        codec: "text",
      },
    });
    const conn = await pool.acquire(PATH);
    const [socket] = opened;
    if (socket === undefined) throw new Error("Nothing was dialled");
    const reading = new Reading();
    const end = read(conn, reading.seen);
    const figure = await meter.time(
      (bursts) => reading.pour(socket, bursts),
      BURST,
    );
    await conn.release();
    await end;
    return figure;
  };
}

export const inboxCases: readonly Case[] = [{
  name: "inbox",
  title: `messages in bursts of ${BURST}, without a network`,
  unit: "ns",
  reference: "ring",
  contestants: {
    "callback": raw((socket, seen) => socket.addEventListener("message", seen)),
    "ring": raw(async (socket, seen) => {
      for await (const _ of new RingReader(socket, String)) seen();
    }),
    "pool: for await": leased(async (conn, seen) => {
      for await (const _ of conn) seen();
    }),
    "pool: receive": leased(async (conn, seen) => {
      try {
        for (;;) {
          await conn.receive();
          seen();
        }
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "LeaseReleasedError") {
          throw error;
        }
      }
    }),
    "pool: forEach": leased((conn, seen) => conn.forEach(seen)),
  },
  goals: [],
}];
