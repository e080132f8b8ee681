import type { ConnectionPool, PooledConnection } from "@jetsocket/pool";
import { EVENT_TYPES } from "../support/event_types.ts";
import type { FakeSocket } from "../support/fake_socket.ts";
import type { RuntimeName } from "../support/runtime_profile.ts";
import {
  createVirtualPool,
  type VirtualPool,
} from "../support/virtual_pool.ts";

/** Each stands for something that must be shown nowhere. */
export const CANARIES = {
  user: "canaryuser",
  password: "canarypassword",
  query: "canaryquery",
  resolved: "canaryresolved",
  header: "canaryheader",
  protocol: "canaryprotocol",
  identity: "canaryidentity",
  sent: "canarysent",
  received: "canaryreceived",
  ping: "canaryping",
  farewell: "canaryfarewell",
} as const;

const URL_WITH_SECRETS = `wss://${CANARIES.user}:${CANARIES.password}` +
  `@h.example/a?token=${CANARIES.query}`;

const TARGET = {
  protocols: [CANARIES.protocol],
  identity: CANARIES.identity,
};

/** A pool full of secrets, and all that was to be seen of it. */
export class SecretLife {
  readonly seen: unknown[] = [];
  readonly virtual: VirtualPool<unknown, unknown>;
  #leases: PooledConnection[] = [];
  #headers: unknown = { "x-api-key": CANARIES.header };
  #resolved = `wss://h.example/a?fresh=${CANARIES.resolved}`;

  constructor(runtime: RuntimeName) {
    const note = (line: string) => void this.seen.push(line);
    this.virtual = createVirtualPool({
      logger: { debug: note, info: note, warn: note, error: note },
      maxConnections: 2,
      maxWaiting: 1,
      acquireTimeout: 800,
      leakThreshold: 300,
      healthCheckInterval: 700,
      reset: async (conn) => {
        await conn.send({ text: CANARIES.sent });
      },
      websocket: {
        connectTimeout: 200,
        headers: () => JSON.parse(JSON.stringify(this.#headers)),
        resolveUrl: () => this.#resolved,
        reconnect: { minDelay: 50, maxDelay: 100, maxAttempts: 2 },
        inbox: { capacity: 2, maxBytes: 1_000 },
        heartbeat: {
          interval: 200,
          timeout: 50,
          ping: CANARIES.ping,
          isPong: (message: unknown) => JSON.parse(String(message)) === "pong",
        },
        schema: {
          "~standard": {
            version: 1,
            vendor: "test",
            validate: (value) =>
              String(value).includes("invalid")
                ? { issues: [{ message: `got ${value}`, path: [0] }] }
                : { value },
          },
        },
      },
    }, { runtime });
    for (const type of EVENT_TYPES) {
      this.pool.addEventListener(type, (event) => void this.seen.push(event));
    }
  }

  get pool(): ConnectionPool {
    return this.virtual.pool;
  }

  /** Notes the pool and everything that hangs on it. */
  look(): void {
    const { pool, seen } = this;
    seen.push(pool, pool.stats(), [...pool.stats().byKey]);
    for (const lease of this.#leases) {
      seen.push(lease, lease.stats(), lease.url, lease.signal.reason);
    }
  }

  acquire(options: object = {}): void {
    const acquired = this.pool.acquire(URL_WITH_SECRETS, {
      ...TARGET,
      ...options,
    });
    this.#note(acquired.then((lease) => void this.#leases.push(lease)));
  }

  /** What goes wrong with every argument that holds a secret. */
  mistake(): void {
    const { pool } = this;
    const { query, protocol, identity, user } = CANARIES;
    for (
      const call of [
        () => pool.acquire(`${URL_WITH_SECRETS}#part`),
        () => pool.acquire(`ftp://${user}@h.example`),
        () => pool.acquire(`//h.example/${query}`),
        () => pool.acquire(`wss://${user}:x@`),
        () => pool.acquire("/a", { protocols: [`${protocol} no token`] }),
        () => pool.warm("/a", JSON.parse(`{"identity":["${identity}"]}`)),
        () => pool.close(JSON.parse(`{"reason":["${CANARIES.farewell}"]}`)),
      ]
    ) this.#note((async () => await call())());
  }

  fail(how: "refuse" | "hang" | "throw" | "disagree"): void {
    this.virtual.network.behaviour = how === "throw"
      ? (socket) => {
        throw new SyntaxError(`${socket.url} ${CANARIES.protocol}`);
      }
      : how === "disagree"
      ? (socket) => queueMicrotask(() => socket.open(""))
      : how;
  }

  /** Address or headers of the next dials are none. */
  spoil(what: "address" | "headers"): void {
    if (what === "address") this.#resolved = `ftp://${CANARIES.resolved}/`;
    else this.#headers = { "x-api-key": `${CANARIES.header}\r\nx: y` };
  }

  mend(): void {
    this.virtual.network.behaviour = "open";
    this.#headers = { "x-api-key": CANARIES.header };
    this.#resolved = `wss://h.example/a?fresh=${CANARIES.resolved}`;
  }

  use(): void {
    for (const lease of this.#leases) {
      const cycle: unknown[] = [CANARIES.sent];
      cycle.push(cycle);
      this.#note(lease.send({ text: CANARIES.sent }, { timeout: 20 }));
      this.#note(lease.send(cycle));
      this.#note(lease.send(Symbol(CANARIES.sent)));
      this.#note(lease.receive({ timeout: 20 }));
      const nothing = JSON.parse(`["${CANARIES.sent}"]`);
      this.#note(lease.sendRaw(nothing));
    }
  }

  hear(text: string): void {
    this.#onSockets((socket) => void socket.message(text));
  }

  end(how: "reset" | "close"): void {
    this.#onSockets((socket) => {
      if (how === "reset") socket.reset();
      else socket.peerClose(4_401);
    });
  }

  release(): void {
    for (const lease of this.#leases) this.#note(lease.release());
  }

  close(): void {
    this.#note(this.pool.close({ reason: CANARIES.farewell }));
  }

  #onSockets(act: (socket: FakeSocket) => void): void {
    for (const socket of this.virtual.network.sockets) {
      if (socket.readyState === 1) act(socket);
    }
  }

  /** What a call is answered with, good or bad. */
  #note(promise: Promise<unknown>): void {
    promise.catch((reason) => this.seen.push(reason));
  }
}
