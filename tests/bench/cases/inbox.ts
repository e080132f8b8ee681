import type { Case, Surroundings, Workload } from "../case.ts";
import { BenchSocket } from "../contestants/bench_socket.ts";
import { PATH, type TextConnection } from "../contestants/pools.ts";
import { asIs, RingReader } from "../contestants/ring_reader.ts";
import { Tally } from "../contestants/tally.ts";

/** Messages of one socket read: what a consumer meets at a high rate. */
const BURST = 64;

const MESSAGE = "x".repeat(100);

/** Delivers bursts, each when the one before is read. */
async function pour(
  socket: BenchSocket,
  tally: Tally,
  bursts: number,
): Promise<void> {
  for (let burst = 0; burst < bursts; burst++) {
    const read = tally.expect(BURST);
    for (let index = 0; index < BURST; index++) socket.deliver(MESSAGE);
    await read;
  }
}

function raw(start: (socket: BenchSocket, tally: Tally) => void): Workload {
  return ({ meter }) => {
    const socket = new BenchSocket();
    const tally = new Tally();
    start(socket, tally);
    return meter.time((bursts) => pour(socket, tally, bursts), BURST);
  };
}

function leased(
  read: (conn: TextConnection, tally: Tally) => Promise<void>,
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
    const tally = new Tally();
    const end = read(conn, tally);
    const runs = await meter.time(
      (bursts) => pour(socket, tally, bursts),
      BURST,
    );
    await conn.release();
    await end;
    return runs;
  };
}

export const inboxCases: readonly Case[] = [{
  name: "inbox",
  title: `messages in bursts of ${BURST}, without a network`,
  unit: "ns",
  reference: "ring",
  contestants: {
    "callback": raw((socket, tally) =>
      socket.addEventListener("message", ({ data }) => tally.read(data))
    ),
    "ring": raw(async (socket, tally) => {
      for await (const message of new RingReader(socket, asIs)) {
        tally.read(message);
      }
    }),
    "pool: for await": leased(async (conn, tally) => {
      for await (const message of conn) tally.read(message);
    }),
    "pool: receive": leased(async (conn, tally) => {
      try {
        for (;;) {
          tally.read(await conn.receive());
        }
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "LeaseReleasedError") {
          throw error;
        }
      }
    }),
    "pool: forEach": leased((conn, tally) => conn.forEach(tally.read)),
  },
  goals: [],
}];
