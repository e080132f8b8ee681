import type {
  ConnectionPool,
  ConnectionPoolConfig,
  PooledConnection,
} from "../../../mod.ts";
import type { Library } from "../case.ts";
import { BenchSocket } from "./bench_socket.ts";
import { type FlatLease, FlatPool } from "./flat_pool.ts";
import { type IdealLease, IdealPool } from "./ideal_pool.ts";
import {
  createGenericPool,
  createLightningPool,
  Sema,
  TarnPool,
} from "./packages.ts";

/** Connections in every pool. */
export const CONNECTIONS = 10;

export const PATH = "/ws";

/** A pool whose resources are there already and idle. */
export interface Subject<Lease> {
  acquire(): Promise<Lease>;
  release(lease: Lease): void;
  /** What the lease gives the right to. */
  resourceOf(lease: Lease): unknown;
  /** Whether all that was lent came back. */
  isWhole(): boolean;
  close(): Promise<void>;
}

export type TextPool = ConnectionPool<string, string>;
export type TextConnection = PooledConnection<string, string>;

/** A pool over fake sockets. */
export function createFakePool(
  { ConnectionPool }: Library,
  limits: Pick<
    ConnectionPoolConfig,
    "maxConnections" | "acquireTimeout"
  > = {},
): TextPool {
  return new ConnectionPool<string, string>({
    baseUrl: "wss://h.example",
    maxConnections: CONNECTIONS,
    maxConnecting: Infinity,
    ...limits,
    websocket: { factory: BenchSocket.open, codec: "text" },
  });
}

/** The library: the only one here whose resources are opened, and can be lost. */
export async function startPool(
  library: Library,
  limits: Pick<ConnectionPoolConfig, "acquireTimeout"> = {},
): Promise<Subject<TextConnection> & { readonly pool: TextPool }> {
  const pool = createFakePool(library, limits);
  await pool.warm(PATH, { count: CONNECTIONS });
  return {
    pool,
    acquire: () => pool.acquire(PATH),
    release: (conn) => void conn.release(),
    resourceOf: ({ id }) => id,
    isWhole: () => {
      const { idleConnections, totalReleased, totalAcquired } = pool.stats();
      return idleConnections === CONNECTIONS && totalReleased === totalAcquired;
    },
    close: async () => void await pool.close(),
  };
}

interface Resource {
  readonly id: number;
}

let made = 0;

function makeResource(): Resource {
  return { id: ++made };
}

export function startIdeal(): Subject<IdealLease<Resource>> {
  const pool = new IdealPool(Array.from({ length: CONNECTIONS }, makeResource));
  return {
    acquire: () => pool.acquire(),
    release: (lease) => lease.release(),
    resourceOf: ({ resource }) => resource,
    isWhole: () => pool.idle === CONNECTIONS,
    close: () => Promise.resolve(),
  };
}

export function startFlat(): Subject<FlatLease> {
  const pool = new FlatPool(PATH, CONNECTIONS);
  return {
    acquire: () => pool.acquire(PATH),
    release: (lease) => void lease.release(),
    resourceOf: ({ slot }) => slot,
    isWhole: () => pool.isWhole,
    close: () => Promise.resolve(),
  };
}

export async function startGenericPool(): Promise<Subject<Resource>> {
  const pool = createGenericPool<Resource>({
    create: () => Promise.resolve(makeResource()),
    destroy: () => Promise.resolve(),
  }, { min: CONNECTIONS, max: CONNECTIONS });
  await pool.ready();
  return {
    acquire: () => pool.acquire(),
    release: (resource) => void pool.release(resource),
    resourceOf: (resource) => resource,
    isWhole: () => pool.available === CONNECTIONS,
    close: async () => {
      await pool.drain();
      await pool.clear();
    },
  };
}

export async function startTarn(): Promise<Subject<Resource>> {
  const pool = new TarnPool<Resource>({
    create: () => Promise.resolve(makeResource()),
    destroy: () => Promise.resolve(),
    min: CONNECTIONS,
    max: CONNECTIONS,
  });
  const subject: Subject<Resource> = {
    acquire: () => pool.acquire().promise,
    release: (resource) => void pool.release(resource),
    resourceOf: (resource) => resource,
    isWhole: () => pool.numFree() === CONNECTIONS,
    close: async () => void await pool.destroy(),
  };
  await fill(subject);
  return subject;
}

export async function startLightningPool(): Promise<Subject<Resource>> {
  const pool = createLightningPool<Resource>({
    create: makeResource,
    destroy: () => {},
  }, {
    min: CONNECTIONS,
    minIdle: 0,
    max: CONNECTIONS,
    maxQueue: Number.MAX_SAFE_INTEGER,
  });
  const subject: Subject<Resource> = {
    acquire: () => pool.acquire(),
    release: (resource) => pool.release(resource),
    resourceOf: (resource) => resource,
    isWhole: () => pool.available === CONNECTIONS,
    close: () => pool.closeAsync(true),
  };
  await fill(subject);
  return subject;
}

/** No pool but a semaphore that hands out tokens: the queue alone. */
export function startSema(): Subject<Resource> {
  const tokens = Array.from({ length: CONNECTIONS }, makeResource);
  const sema = new Sema(CONNECTIONS, { initFn: () => tokens.pop() });
  let held = 0;
  return {
    acquire: () => {
      held++;
      return sema.acquire();
    },
    release: (token) => {
      held--;
      sema.release(token);
    },
    resourceOf: (token) => token,
    isWhole: () => held === 0,
    close: () => Promise.resolve(),
  };
}

/** Lends everything once, so that everything is made. */
async function fill<Lease>(subject: Subject<Lease>): Promise<void> {
  const leases: Lease[] = [];
  while (leases.length < CONNECTIONS) leases.push(await subject.acquire());
  for (const lease of leases) subject.release(lease);
}
