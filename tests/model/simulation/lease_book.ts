import type { PooledConnection } from "../../../mod.ts";
import type { Dialect, Tag } from "./dialect.ts";
import type { Network } from "./network.ts";
import type { Delivery, Peer } from "./peer.ts";
import type { Target } from "./plan.ts";
import type { World } from "./world.ts";

/** What a caller holds, and what may be read and said through it. */
export class Lease {
  readonly id: number;
  readonly conn: PooledConnection;
  readonly target: Target;
  readonly since: number;
  /** Deliveries in all when its holder got it. */
  readonly beganAfter: number;
  /** The first delivery that may be read: none from before the lease. */
  readonly firstTurn: number;
  /** The last that may be read, once it is released. */
  lastTurn = Infinity;
  isReleased = false;
  /** The pool has said that it is over: lost, spoiled or taken away. */
  isOver = false;
  /** Who reads, if anybody. */
  reader: string | undefined;
  iterator: AsyncIterableIterator<unknown> | undefined;
  says = 0;
  /** The number of the last word that went out. */
  lastSaid = 0;
  /** What did not go out, and must not. */
  readonly unsaid: Set<number> = new Set();
  /** Where reading stands: the socket and the number of the last message. */
  lastRead: { peer: number; number: number } = { peer: -1, number: -1 };

  constructor(
    id: number,
    conn: PooledConnection,
    target: Target,
    since: number,
    beganAfter: number,
    firstTurn: number,
  ) {
    this.id = id;
    this.conn = conn;
    this.target = target;
    this.since = since;
    this.beganAfter = beganAfter;
    this.firstTurn = firstTurn;
  }
}

/** Who may read what: no message crosses a lease, none comes twice, all come in order. */
export class LeaseBook {
  readonly leases: Lease[] = [];
  /** Messages that leases and hooks have read. */
  reads = 0;
  readonly #world: World;
  readonly #network: Network;
  readonly #dialect: Dialect;

  constructor(world: World, network: Network, dialect: Dialect) {
    this.#world = world;
    this.#network = network;
    this.#dialect = dialect;
    network.onSaid = (peer, tag) => this.#said(peer, tag);
  }

  begin(conn: PooledConnection, target: Target, firstTurn: number): Lease {
    const { now, deliveries } = this.#world;
    const id = this.leases.length;
    const lease = new Lease(id, conn, target, now, deliveries, firstTurn);
    this.leases.push(lease);
    return lease;
  }

  /**
   * Deliveries in all before the first that a lease may read, where no event
   * tells: it began after its call, and after the lease before it.
   */
  earliestTurn({ id, reused }: PooledConnection, calledAfter: number): number {
    if (!reused) return -1;
    const before = this.leases.findLast(({ conn }) => conn.id === id);
    return Math.max(calledAfter, before?.lastTurn ?? -1);
  }

  /** A lease has read a message. */
  read(lease: Lease, message: unknown): void {
    const found = this.#find(message);
    if (found === undefined) return;
    const { peer, delivery, number } = found;
    const { conn, target, lastRead } = lease;
    const what = `${delivery.kind} ${peer.id}/${number}, lease ${lease.id}`;
    this.#bind(peer, conn.id);
    this.#world.expect(
      peer.target === target,
      `4.4 a message of another key: ${what}`,
    );
    this.#world.expect(
      delivery.turn > lease.firstTurn,
      `4.4 a message from before the lease: ${what}`,
    );
    this.#world.expect(
      delivery.turn <= lease.lastTurn,
      `4.4 a message from after the lease: ${what}`,
    );
    const isNext = peer.id > lastRead.peer ||
      (peer.id === lastRead.peer && number > lastRead.number);
    this.#world.expect(isNext, `3.2 messages in order: ${what}`);
    lease.lastRead = { peer: peer.id, number };
  }

  /** A hook has read a message. */
  readByHook(message: unknown, connection: number): void {
    const found = this.#find(message);
    if (found !== undefined) this.#bind(found.peer, connection);
  }

  /** The sockets a connection went over, as far as that shows. */
  peersOf(connection: number): Peer[] {
    return this.#network.peers.filter((peer) => peer.connection === connection);
  }

  /** A caller's word has arrived at the far end. */
  #said(peer: Peer, { kind, from, number }: Tag): void {
    if (kind === "login") this.#bind(peer, from);
    if (kind !== "say") return;
    const lease = this.leases[from];
    if (lease === undefined) return this.#world.violated("nobody said this");
    this.#bind(peer, lease.conn.id);
    const what = `word ${number} of lease ${from}`;
    this.#world.expect(!lease.isReleased, `F41 after the release: ${what}`);
    this.#world.expect(
      peer.target === lease.target,
      `4.4 to another key: ${what}`,
    );
    this.#world.expect(number > lease.lastSaid, `3.2 once, in order: ${what}`);
    this.#world.expect(!lease.unsaid.has(number), `3.2 was refused: ${what}`);
    lease.lastSaid = number;
  }

  /** A socket belongs to one connection for all its life. */
  #bind(peer: Peer, connection: number): void {
    peer.connection ??= connection;
    this.#world.expect(
      peer.connection === connection,
      `4.4 socket ${peer.id} of connection ${peer.connection} serves ${connection}`,
    );
  }

  #find(
    message: unknown,
  ): { peer: Peer; delivery: Delivery; number: number } | undefined {
    this.reads++;
    const tag = this.#dialect.fromMessage(message);
    const { from = -1, number = -1 } = tag ?? {};
    const peer = this.#network.peers[from];
    const delivery = peer?.deliveries[number];
    if (delivery === undefined || peer === undefined) {
      this.#world.violated("3.2 nobody sent this message");
      return undefined;
    }
    const what = `${delivery.kind} ${peer.id}/${number}`;
    this.#world.expect(delivery.isHeard, `nobody could hear ${what}`);
    this.#world.expect(!delivery.isRead, `3.2 a message twice: ${what}`);
    delivery.isRead = true;
    return { peer, delivery, number };
  }
}
