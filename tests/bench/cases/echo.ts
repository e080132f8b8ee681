import {
  type Case,
  JETSOCKET,
  type Surroundings,
  type Workload,
} from "../case.ts";
import { AwaitedSocket, closeRaw, openRaw } from "../contestants/raw.ts";

const MESSAGE = "x".repeat(100);
const PATH = "/echo";

/** Makes round trips over one connection, one after the other. */
interface Client {
  trips(count: number): Promise<void>;
  close(): Promise<void>;
}

type Open = (url: string, surroundings: Surroundings) => Promise<Client>;

const awaited: Open = async (url) => {
  const client = new AwaitedSocket(await openRaw(url));
  return {
    trips: async (count) => {
      for (let trip = 0; trip < count; trip++) {
        check(await client.request(MESSAGE));
      }
    },
    close: () => closeRaw(client.socket),
  };
};

const calledBack: Open = async (url) => {
  const socket = await openRaw(url);
  return {
    trips: (count) =>
      new Promise((resolve) => {
        let left = count;
        socket.onmessage = ({ data }) => {
          check(data);
          if (--left === 0) resolve();
          else socket.send(MESSAGE);
        };
        socket.send(MESSAGE);
      }),
    close: () => closeRaw(socket),
  };
};

const leased: Open = async (url, { library: { ConnectionPool } }) => {
  const pool = new ConnectionPool<string, string>({
    websocket: { codec: "text" },
  });
  const conn = await pool.acquire(url);
  return {
    trips: async (count) => {
      for (let trip = 0; trip < count; trip++) {
        await conn.send(MESSAGE);
        check(await conn.receive());
      }
    },
    close: () => pool.close().then(() => {}),
  };
};

function check(reply: unknown): void {
  if (reply !== MESSAGE) throw new Error("Not what was sent");
}

/** Round trips over several connections at once. */
function echo(connections: number, open: Open, isSecure = false): Workload {
  return async (given) => {
    const { meter, server, secureServer } = given;
    const url = (isSecure ? secureServer : server) + PATH;
    const clients: Client[] = [];
    while (clients.length < connections) clients.push(await open(url, given));
    const runs = await meter.time(async (count) => {
      await Promise.all(clients.map((client) => client.trips(count)));
    }, connections);
    await Promise.all(clients.map((client) => client.close()));
    return runs;
  };
}

function echoCase(connections: number, isSecure = false): Case {
  const plural = connections === 1 ? "connection" : "connections";
  return {
    name: isSecure ? "echo/wss" : `echo/${connections}`,
    title: `round trips of 100 bytes over ${connections} ${plural}${
      isSecure ? " with TLS" : ""
    }`,
    unit: "per second",
    needs: "server",
    reference: "awaited socket",
    contestants: {
      "awaited socket": echo(connections, awaited, isSecure),
      "onmessage": echo(connections, calledBack, isSecure),
      "pool": echo(connections, leased, isSecure),
    },
    hasJetSocket: !isSecure,
    goals: isSecure ? [] : [{
      kind: "speed",
      of: "pool",
      against: "awaited socket",
      least: 0.93,
      orNoise: true,
    }, {
      kind: "speed",
      of: "pool",
      against: JETSOCKET,
      least: { deno: connections === 1 ? 1.5 : 3.5 },
    }],
  };
}

/** A connection for each request; the next begins when its answer is there. */
function fresh(awaitsClose: boolean): Workload {
  return ({ meter, server }) =>
    meter.time(async (count) => {
      for (let index = 0; index < count; index++) {
        const client = new AwaitedSocket(await openRaw(server + PATH));
        check(await client.request(MESSAGE));
        const closed = closeRaw(client.socket);
        if (awaitsClose || index === count - 1) await closed;
      }
    });
}

const reused: Workload = async ({ library: { ConnectionPool }, ...given }) => {
  const { meter, server } = given;
  await using pool = new ConnectionPool<string, string>({
    websocket: { codec: "text" },
  });
  const url = server + PATH;
  return await meter.time(async (count) => {
    for (let index = 0; index < count; index++) {
      check(
        await pool.use(url, async (conn) => {
          await conn.send(MESSAGE);
          return await conn.receive();
        }),
      );
    }
  });
};

export const echoCases: readonly Case[] = [
  echoCase(1),
  echoCase(10),
  echoCase(1, true),
  {
    name: "request",
    title: "request and response: over the pool, or a connection each",
    unit: "per second",
    needs: "server",
    reference: "fresh connection",
    contestants: {
      "fresh connection": fresh(false),
      "fresh connection, close awaited": fresh(true),
      "pool: use": reused,
    },
    goals: [{
      kind: "speed",
      of: "pool: use",
      against: "fresh connection",
      least: { deno: 3.8, node: 4, bun: 4 },
    }],
  },
];
