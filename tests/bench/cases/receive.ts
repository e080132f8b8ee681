import type { PooledConnection } from "../../../mod.ts";
import {
  type Case,
  type Goal,
  JETSOCKET,
  type Surroundings,
  type Workload,
} from "../case.ts";
import { PartySocket, ReconnectingWebSocket } from "../contestants/packages.ts";
import { closeRaw, openRaw } from "../contestants/raw.ts";
import { asIs, fromJson, RingReader } from "../contestants/ring_reader.ts";
import { Tally } from "../contestants/tally.ts";

/** What the server is asked for. */
interface Stream {
  readonly path: string;
  /** Messages of one burst. */
  readonly burst: number;
  readonly codec: "text" | "json";
  readonly isSecure?: boolean;
}

/** A contestant that reads into a tally. */
interface Receiver {
  /** Asks the server for messages. */
  send(text: string): void;
  close(): Promise<void>;
}

type Start = (
  url: string,
  tally: Tally,
  surroundings: Surroundings,
) => Promise<Receiver>;

function receive(stream: Stream, start: Start): Workload {
  return async (given) => {
    const { meter, server, secureServer } = given;
    const size = meter.size(stream.burst);
    const tally = new Tally();
    const url = (stream.isSecure ? secureServer : server) + stream.path;
    const receiver = await start(url, tally, given);
    const runs = await meter.time(async (bursts) => {
      for (let burst = 0; burst < bursts; burst++) {
        const read = tally.expect(size);
        receiver.send(String(size));
        await read;
      }
    }, size);
    checkLast(stream, tally.last);
    await receiver.close();
    return runs;
  };
}

/** Speed is nothing if the messages are wrong. */
function checkLast({ path, codec }: Stream, message: unknown): void {
  const isRight = codec === "json"
    ? typeof message === "object" && message !== null && "p" in message
    : typeof message === "string" &&
      message.length === Number(path.split("/").at(-1));
  if (!isRight) throw new Error("Not the server's message");
}

function byHandler(decode: (data: unknown) => unknown): Start {
  return async (url, tally) => {
    const socket = await openRaw(url);
    socket.onmessage = ({ data }) => tally.read(decode(data));
    return {
      send: (text) => socket.send(text),
      close: () => closeRaw(socket),
    };
  };
}

function byRing(decode: (data: unknown) => unknown): Start {
  return async (url, tally) => {
    const socket = await openRaw(url);
    (async () => {
      for await (const message of new RingReader(socket, decode)) {
        tally.read(message);
      }
    })();
    return {
      send: (text) => socket.send(text),
      close: () => closeRaw(socket),
    };
  };
}

function byPool(
  codec: Stream["codec"],
  read: (conn: PooledConnection, tally: Tally) => Promise<void>,
): Start {
  return async (url, tally, { library: { ConnectionPool } }) => {
    const pool = new ConnectionPool({ websocket: { codec } });
    const conn = await pool.acquire(url);
    const end = read(conn, tally);
    return {
      send: (text) => void conn.sendRaw(text),
      close: async () => {
        await conn.release();
        await end;
        await pool.close();
      },
    };
  };
}

async function iterate(conn: PooledConnection, tally: Tally): Promise<void> {
  for await (const message of conn) tally.read(message);
}

async function callBack(conn: PooledConnection, tally: Tally): Promise<void> {
  try {
    await conn.forEach(tally.read);
  } catch (error) {
    // The end of the lease, which is ours.
    if (!(error instanceof Error) || error.name !== "LeaseReleasedError") {
      throw error;
    }
  }
}

/** What the packages' sockets have in common with the standard's. */
interface Wrapper {
  onopen: () => void;
  onmessage: (event: { readonly data: unknown }) => void;
  onclose: () => void;
  send(text: string): void;
  close(): void;
}

/** Packages that reconnect, and do not pool. */
function byWrapper(constructor: unknown): Start {
  return async (url, tally) => {
    if (typeof constructor !== "function") throw new TypeError("No class");
    // Their own types do not agree with how they are loaded.
    const socket: Wrapper = Reflect.construct(constructor, [url]);
    await new Promise<void>((resolve) => socket.onopen = resolve);
    socket.onmessage = ({ data }) => tally.read(data);
    return {
      send: (text) => socket.send(text),
      close: async () => {
        const closed = new Promise<void>((resolve) => socket.onclose = resolve);
        socket.close();
        await closed;
      },
    };
  };
}

function receiveText(
  name: string,
  title: string,
  stream: Omit<Stream, "codec">,
  goals: readonly Goal[] = [],
): Case {
  const text: Stream = { ...stream, codec: "text" };
  return {
    name: `receive/${name}`,
    title,
    unit: "per second",
    needs: "server",
    reference: "ring",
    contestants: {
      "onmessage": receive(text, byHandler(asIs)),
      "ring": receive(text, byRing(asIs)),
      "pool: for await": receive(text, byPool("text", iterate)),
      "pool: forEach": receive(text, byPool("text", callBack)),
    },
    goals,
  };
}

const small: Stream = { path: "/text/100", burst: 300_000, codec: "text" };
const json: Stream = { path: "/json", burst: 200_000, codec: "json" };

const smallCase = receiveText(
  "text",
  "text messages of 100 bytes, in bursts of 300,000",
  small,
  [
    {
      kind: "speed",
      of: "pool: for await",
      against: "ring",
      least: { deno: 0.92, node: 0.88, bun: 0.92 },
    },
    {
      kind: "speed",
      of: "pool: forEach",
      against: "onmessage",
      least: { deno: 0.94, node: 0.9, bun: 0.94 },
    },
    {
      kind: "speed",
      of: "pool: for await",
      against: JETSOCKET,
      least: { deno: 9 },
    },
  ],
);

export const receiveCases: readonly Case[] = [
  {
    ...smallCase,
    hasJetSocket: true,
    isUnsteady: true,
    contestants: {
      ...smallCase.contestants,
      "partysocket": receive(
        small,
        byWrapper(PartySocket),
      ),
      "reconnecting-websocket": receive(
        small,
        byWrapper(ReconnectingWebSocket),
      ),
    },
  },
  {
    name: "receive/json",
    title: "JSON messages of 99 bytes, in bursts of 200,000",
    unit: "per second",
    needs: "server",
    isUnsteady: true,
    reference: "ring",
    contestants: {
      "onmessage": receive(json, byHandler(fromJson)),
      "ring": receive(json, byRing(fromJson)),
      "pool: for await": receive(json, byPool("json", iterate)),
      "pool: forEach": receive(json, byPool("json", callBack)),
    },
    goals: [{
      kind: "speed",
      of: "pool: for await",
      against: "ring",
      least: { deno: 0.92, node: 0.9, bun: 0.92 },
    }],
  },
  receiveText("1KiB", "text messages of 1 KiB", {
    path: "/text/1024",
    burst: 50_000,
  }),
  receiveText("64KiB", "text messages of 64 KiB", {
    path: "/text/65536",
    burst: 2_000,
  }),
  receiveText("1MiB", "text messages of 1 MiB", {
    path: "/text/1048576",
    burst: 100,
  }),
  receiveText("wss", "text messages of 100 bytes over TLS", {
    path: "/text/100",
    burst: 300_000,
    isSecure: true,
  }),
];
