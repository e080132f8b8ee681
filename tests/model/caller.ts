import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Key } from "../../src/core/key.ts";
import { adoptKey } from "../../src/core/keys.ts";
import type { PoolState } from "../../src/core/pool_state.ts";
import { handOver, join, restore, take } from "../../src/core/shortcuts.ts";
import { choose, KEYS } from "./commands.ts";
import { fingerprint } from "./invariants.ts";
import type {
  Lease,
  ModelPayload,
  ModelSlot,
  Ticket,
  WarmTicket,
} from "./records.ts";
import type { Reference } from "./reference.ts";
import type { World } from "./world.ts";

/** Those who use the pool: each call tells the reference first, then the core, in the driver's way. */
export class Caller {
  readonly #world: World;
  readonly #state: PoolState<ModelPayload>;
  readonly #reference: Reference;
  /** Keys as a cache of look-ups holds them: the pool may have let go of one. */
  readonly #keys: Key<ModelPayload>[] = KEYS.map((name) => new Key(name, name));

  constructor(world: World) {
    this.#world = world;
    this.#state = world.state;
    this.#reference = world.reference;
  }

  get liveLeases(): Lease[] {
    return this.#reference.leases.filter((lease) => lease.isLive);
  }

  acquire(index: number, fresh: boolean, timeout: number): void {
    const reference = this.#reference;
    if (reference.phase !== "open") return;
    reference.counts.started++;
    const joins = !fresh && timeout > 0 && this.#join(index, timeout);
    if (joins || this.#takeNow(index, fresh)) return;
    if (timeout === 0) {
      reference.counts.exhausted++;
      this.#state.refuseNow();
      return;
    }
    this.#world.begin();
    if (this.#takeNow(index, fresh)) return;
    const ticket = this.#ticket(index, fresh, timeout);
    reference.noteArrival(ticket);
    ticket.waiter = this.#state.enqueue(
      this.#key(index),
      timeout,
      fresh,
      undefined,
      ticket,
      reference.now,
    );
    this.#world.observe();
    if (reference.newcomer?.isTooMany) {
      assertEquals(ticket.state, "refused", "maxWaiting");
    }
  }

  /** Joins the queue where the core has nothing to decide. */
  #join(index: number, timeout: number): boolean {
    const ticket = this.#ticket(index, false, timeout);
    const { ledger } = this.#state;
    const waiter = join(
      ledger,
      this.#known(index),
      timeout,
      undefined,
      ticket,
    );
    if (waiter === undefined) return false;
    this.#reference.noteArrival(ticket);
    ticket.waiter = waiter;
    return true;
  }

  #ticket(index: number, fresh: boolean, timeout: number): Ticket {
    const reference = this.#reference;
    return {
      id: reference.tickets.length,
      key: this.#key(index).name,
      fresh,
      at: reference.now + timeout,
      overtaken: 0,
      state: "waiting",
      waiter: undefined,
    };
  }

  tryAcquire(index: number): void {
    const { waiting } = this.#known(index);
    if (this.#reference.phase !== "open" || waiting > 0) return;
    if (this.#takeNow(index, false)) this.#reference.counts.started++;
  }

  #takeNow(index: number, fresh: boolean): boolean {
    const key = this.#known(index);
    const slot = fresh ? this.#state.firstUnused(key) : key.idle.at(-1);
    const mine = this.#reference.in("idle", key.name);
    const fitting = mine.filter((peer) => !fresh || !peer.wasLeased);
    assertEquals(
      slot !== undefined,
      fitting.length > 0,
      "an idle one is found",
    );
    if (slot === undefined) return false;
    take(this.#state.ledger, slot);
    this.#world.hasTaken = true;
    this.#reference.noteLease(this.#reference.peerOf(slot), slot.lease);
    return true;
  }

  abort(pick: number): void {
    const ticket = choose(this.#reference.waiting(), pick);
    if (ticket?.waiter === undefined) return;
    const { cohort } = ticket.waiter;
    this.#world.begin();
    // Those who wait under one signal leave in the order of their arrival.
    const first = this.#reference.waiting().find(({ waiter }) =>
      waiter?.cohort === cohort
    );
    if (first !== undefined) {
      first.state = "aborted";
      this.#reference.counts.aborted++;
    }
    const left = this.#state.abortFirst(cohort, this.#reference.now);
    assertStrictEquals(left, first?.waiter);
  }

  release(pick: number, fate: "reuse" | "reset" | "discard"): void {
    const lease = choose(this.liveLeases, pick);
    if (lease === undefined) return;
    const { counts } = this.#reference;
    const { peer } = lease;
    const wasLeased = peer.place === "leased";
    counts.released++;
    const { ledger } = this.#state;
    // What the shortcuts leave to their caller to know.
    const isSimple = fate === "reuse" && !ledger.tracksLeaks;
    if (
      isSimple && ledger.waiting === 0 &&
      restore(ledger, peer.slot, lease.number)
    ) {
      lease.isLive = false;
      assert(wasLeased);
      peer.place = "idle";
      return;
    }
    if (isSimple && this.#handOver(peer.slot, lease)) return;
    this.#world.begin();
    if (!lease.isLive) {
      // Its time to drain ended at this very moment.
      counts.released--;
      return;
    }
    lease.isLive = false;
    if (peer.place === "leased") {
      if (fate === "reuse") peer.place = "idle";
      if (this.#reference.phase === "draining") counts.drained++;
      if (fate === "reset" && peer.slot.doom !== undefined) {
        peer.place = "idle";
      }
    }
    this.#state.release(peer.slot, lease.number, fate, this.#reference.now);
  }

  /** The connection goes to the next of its key, where the core has nothing to decide. */
  #handOver(slot: ModelSlot, lease: Lease): boolean {
    // What was decided before comes first.
    if (!this.#world.isSettled) return false;
    const { ledger } = this.#state;
    const waiter = handOver(ledger, slot, lease.number, this.#reference.now);
    if (waiter === undefined) return false;
    lease.isLive = false;
    lease.peer.place = "idle";
    this.#world.observe({ kind: "grant", slot, lease: slot.lease, waiter });
    return true;
  }

  releaseStale(pick: number, fate: "reuse" | "reset" | "discard"): void {
    const dead = this.#reference.leases.filter((lease) => !lease.isLive);
    const lease = choose(dead, pick);
    if (lease === undefined) return;
    this.#world.begin();
    const before = fingerprint(this.#state);
    const { slot } = lease.peer;
    const { ledger } = this.#state;
    const { now } = this.#reference;
    assert(!restore(ledger, slot, lease.number));
    assertEquals(handOver(ledger, slot, lease.number, now), undefined);
    this.#state.release(slot, lease.number, fate, now);
    assertEquals(fingerprint(this.#state), before, "I7 a dead lease is dead");
  }

  warm(index: number, count: number, timeout: number): void {
    const reference = this.#reference;
    if (reference.phase !== "open") return;
    const key = this.#key(index);
    this.#world.begin();
    const at = reference.now + timeout;
    const ticket: WarmTicket = {
      key: key.name,
      at,
      isPending: true,
      warmer: undefined,
    };
    reference.warmTickets.push(ticket);
    ticket.warmer = this.#state.warm(key, count, at, ticket, reference.now);
  }

  endWarm(pick: number): void {
    const pending = this.#reference.warmTickets.filter((each) =>
      each.isPending
    );
    const ticket = choose(pending, pick);
    if (ticket?.warmer === undefined) return;
    this.#world.begin();
    this.#state.endWarm(ticket.warmer, this.#reference.now);
    this.#world.observe();
    assert(!ticket.isPending);
  }

  clear(): void {
    this.#world.begin();
    this.#reference.forgetFailures();
    this.#state.clear(this.#reference.now);
  }

  close(drainTimeout: number): void {
    if (this.#reference.phase !== "open") return;
    this.#world.begin();
    this.#reference.phase = "draining";
    this.#reference.forgetFailures();
    this.#state.close(this.#reference.now, drainTimeout);
  }

  #key(index: number): Key<ModelPayload> {
    // KEYS has as many names as an index has values.
    return adoptKey(this.#state.ledger, this.#keys[index]!);
  }

  /** The key's record, without making one. */
  #known(index: number): Key<ModelPayload> {
    // As above.
    const key = this.#keys[index]!;
    return this.#state.ledger.keys.get(key.name) ?? key;
  }
}
