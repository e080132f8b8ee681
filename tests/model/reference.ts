import { assert, assertEquals } from "@std/assert";
import type { Limits } from "../../src/core/limits.ts";
import type { Lease, ModelSlot, Peer, Ticket, WarmTicket } from "./records.ts";

interface Failure {
  /** Whether no dial has succeeded since. */
  isFailing: boolean;
  attempts: number;
  rounds: number;
  retryAt: number;
  forgetAt: number;
}

/**
 * What a pool should be, in the most obvious way: lists that are searched, and
 * counts that are counted. It is told of every input before the core is, and
 * of every action in order.
 */
export class Reference {
  readonly limits: Limits;
  now = 0;
  /** Set after a standstill: what is due may be late for a while. */
  isGracious = false;
  phase: "open" | "draining" | "closed" = "open";
  readonly peers: Peer[] = [];
  readonly tickets: Ticket[] = [];
  readonly warmTickets: WarmTicket[] = [];
  readonly leases: Lease[] = [];
  /** The longest untouched first: what comes after one that is kept is kept too. */
  readonly #failures: Map<string, Failure> = new Map();
  readonly counts = {
    started: 0,
    acquired: 0,
    reused: 0,
    released: 0,
    exhausted: 0,
    aborted: 0,
    failed: 0,
    closed: 0,
    opened: 0,
    retired: 0,
    drained: 0,
    forced: 0,
  };
  /** Whose dial has just failed. */
  failing: { readonly key: string; readonly fatal: boolean } | undefined;
  /** The acquire that joins the queue at this moment, and whether it is one too many. */
  newcomer:
    | { readonly ticket: Ticket; readonly isTooMany: boolean }
    | undefined;
  /** Keys that have got dials since the last look. */
  readonly dialled: Set<string> = new Set();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  in(place: Peer["place"], key?: string): Peer[] {
    return this.peers.filter((peer) =>
      peer.place === place && (key === undefined || peer.key === key)
    );
  }

  present(key?: string): Peer[] {
    return this.peers.filter((peer) =>
      peer.place !== "gone" && (key === undefined || peer.key === key)
    );
  }

  waiting(key?: string): Ticket[] {
    return this.tickets.filter((ticket) =>
      ticket.state === "waiting" && (key === undefined || ticket.key === key)
    );
  }

  get lingering(): number {
    return this.peers.filter((peer) => peer.isLingering).length;
  }

  /** What is known of a key that fails. */
  failureOf(key: string): Failure | undefined {
    const failure = this.#failures.get(key);
    return failure?.isFailing ? failure : undefined;
  }

  forgetFailures(): void {
    this.#failures.clear();
  }

  noteSuccess(key: string): void {
    const failure = this.#failures.get(key);
    if (failure === undefined) return;
    const forgetAt = this.now + this.limits.backoff.resetAfter;
    this.#failures.delete(key);
    this.#failures.set(key, { ...failure, isFailing: false, forgetAt });
  }

  /** Whether nothing in the key's past forbids a dial. */
  mayTry(key: string): boolean {
    const failure = this.failureOf(key);
    return failure === undefined ||
      (failure.retryAt <= this.now && this.in("connecting", key).length === 0);
  }

  /** Whether the key wants a dial that only the pool's limits keep back. */
  wantsDial(key: string): boolean {
    return this.waiting(key).length > this.in("connecting", key).length &&
      this.present(key).length < this.limits.maxConnectionsPerKey &&
      this.mayTry(key);
  }

  /** Whether the key would get room if there were some (4.3). */
  couldDial(key: string): boolean {
    const share = Math.max(1, Math.floor(this.limits.maxConnecting / 2));
    return this.wantsDial(key) && this.in("connecting", key).length < share;
  }

  /** How many waiters have neither a dial in flight nor room for one. */
  get #unreserved(): number {
    const { maxConnections, maxConnectionsPerKey } = this.limits;
    let blocked = 0;
    let demand = 0;
    for (const key of new Set(this.waiting().map((ticket) => ticket.key))) {
      const waiting = this.waiting(key);
      const wanted = Math.max(
        0,
        waiting.length - this.in("connecting", key).length,
      );
      const used = this.present(key).length - this.in("closing", key).length -
        (waiting.some(({ fresh }) => fresh) ? this.in("idle", key).length : 0);
      demand += wanted;
      blocked += Math.max(0, wanted - (maxConnectionsPerKey - used));
    }
    const used = this.present().length - this.in("closing").length -
      this.in("idle").length;
    return blocked + Math.max(0, demand - blocked - (maxConnections - used));
  }

  noteFailure(
    { key, dialledAt }: Peer,
    fatal: boolean,
    random: number,
  ): void {
    const { minDelay, maxDelay, multiplier, jitter, resetAfter } =
      this.limits.backoff;
    const before = this.failureOf(key);
    const attempts = (before?.attempts ?? 0) + 1;
    this.#failures.delete(key);
    if (before !== undefined && dialledAt < before.retryAt && !fatal) {
      this.#failures.set(key, { ...before, attempts });
      return;
    }
    const rounds = fatal ? 1 : (before?.rounds ?? 0) + 1;
    let ceiling = minDelay;
    for (let nth = 1; nth < rounds; nth++) ceiling *= multiplier;
    const retryAt = this.now + Math.min(maxDelay, ceiling) *
        (1 - jitter * random);
    this.#failures.set(key, {
      isFailing: true,
      attempts,
      rounds,
      retryAt,
      forgetAt: retryAt + resetAfter,
    });
  }

  /** A newcomer has old failures forgotten, and its own key tried in time. */
  noteArrival(ticket: Ticket): void {
    for (const [key, { forgetAt }] of this.#failures) {
      if (forgetAt > this.now) break;
      if (this.waiting(key).length + this.in("connecting", key).length === 0) {
        this.#failures.delete(key);
      }
    }
    const before = this.#unreserved;
    this.tickets.push(ticket);
    const after = this.#unreserved;
    const isTooMany = after > before && after > this.limits.maxWaiting;
    this.newcomer = { ticket, isTooMany };
    const failure = this.failureOf(ticket.key);
    if (
      failure === undefined || this.in("connecting", ticket.key).length > 0
    ) return;
    const middle = this.now + (ticket.at - this.now) / 2;
    failure.retryAt = Math.min(failure.retryAt, middle);
  }

  noteLease(peer: Peer, number: number): void {
    assertEquals(peer.place, "idle", "only a free connection is leased");
    const isLeased = this.leases.some((lease) =>
      lease.peer === peer && lease.isLive
    );
    assert(!isLeased, "one lease at a time");
    assert(
      this.leases.every((lease) =>
        lease.peer !== peer || lease.number !== number
      ),
      "I7 a lease number comes once",
    );
    this.counts.acquired++;
    if (peer.wasLeased) this.counts.reused++;
    peer.wasLeased = true;
    peer.place = "leased";
    this.leases.push({ peer, number, isLive: true });
  }

  /** While others want to dial, nobody gets more than its share (4.3). */
  assertShares(): void {
    const share = Math.max(1, Math.floor(this.limits.maxConnecting / 2));
    for (const key of this.dialled) {
      const { length } = this.in("connecting", key);
      if (length <= share || this.isGracious) continue;
      const others = this.waiting().filter((ticket) =>
        ticket.key !== key && this.couldDial(ticket.key)
      );
      assertEquals(others, [], "4.3 half of the handshakes at most");
    }
    this.dialled.clear();
  }

  peerOf(slot: ModelSlot): Peer {
    const peer = this.peers.find((each) => each.slot === slot);
    assert(peer, "actions name slots that were dialled");
    return peer;
  }
}
