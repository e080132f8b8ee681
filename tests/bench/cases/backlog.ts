import type { Case, Surroundings, Workload } from "../case.ts";
import { closeRaw, openRaw } from "../contestants/raw.ts";
import { asIs, RingReader } from "../contestants/ring_reader.ts";
import { Tally } from "../contestants/tally.ts";
import type { Runs } from "../statistics.ts";

const BURST = 300_000;
const PATH = "/text/100";

/** Messages that have arrived and are not read, at most. */
class Backlog {
  most = 0;
  #now = 0;

  /** Hears of each arrival before the reader does. */
  watch(socket: WebSocket): WebSocket {
    socket.addEventListener("message", () => {
      if (++this.#now > this.most) this.most = this.#now;
    });
    return socket;
  }

  read(): void {
    this.#now--;
  }
}

async function measure(
  { meter }: Surroundings,
  backlog: Backlog,
  send: (text: string) => unknown,
  messages: AsyncIterable<unknown>,
): Promise<Runs> {
  const size = meter.size(BURST);
  const tally = new Tally();
  const reading = (async () => {
    for await (const message of messages) {
      backlog.read();
      tally.read(message);
    }
  })();
  // Once to warm up: code that is not compiled yet is not what is asked about.
  for (let burst = 0; burst < 2; burst++) {
    backlog.most = 0;
    const read = tally.expect(size);
    send(String(size));
    await read;
  }
  reading.catch(() => {});
  return [backlog.most];
}

const byRing: Workload = async (given) => {
  const backlog = new Backlog();
  const socket = backlog.watch(await openRaw(given.server + PATH));
  const ring = new RingReader(socket, asIs);
  const runs = await measure(
    given,
    backlog,
    (text) => socket.send(text),
    ring,
  );
  await closeRaw(socket);
  return runs;
};

const byPool: Workload = async (given) => {
  const backlog = new Backlog();
  const pool = new given.library.ConnectionPool({
    websocket: {
      codec: "text",
      factory: (url) => backlog.watch(new WebSocket(url)),
    },
  });
  const conn = await pool.acquire(given.server + PATH);
  const runs = await measure(
    given,
    backlog,
    (text) => conn.sendRaw(text),
    conn,
  );
  await conn.release();
  await pool.close();
  return runs;
};

export const backlogCases: readonly Case[] = [{
  name: "backlog",
  title:
    "most messages waiting in a burst of 300,000, the one just arrived too",
  unit: "messages",
  needs: "server",
  reference: "ring",
  contestants: { "ring": byRing, "pool: for await": byPool },
  goals: [
    { kind: "figure", of: "pool: for await", most: { deno: 2, bun: 2 } },
    // One read of the network is handed over before any reader can run.
    {
      kind: "cost",
      of: "pool: for await",
      against: "ring",
      most: { node: 1.1 },
    },
  ],
}];
