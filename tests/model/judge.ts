import { assert, assertEquals } from "@std/assert";
import type { Action, Refusal } from "../../src/core/actions.ts";
import type { ModelPayload, ModelSlot, Peer, Ticket } from "./records.ts";
import type { Reference } from "./reference.ts";

/** Judges each action of the core by what the reference knows at that moment, and tells it. */
export class Judge {
  readonly #pool: Reference;

  constructor(reference: Reference) {
    this.#pool = reference;
  }

  judge(action: Action<ModelPayload>): void {
    switch (action.kind) {
      case "dial":
        this.#judgeDial(action.slot);
        break;
      case "abort-dial":
        this.#judgeAbort(this.#pool.peerOf(action.slot), action.why);
        break;
      case "grant":
        this.#judgeGrant(this.#pool.peerOf(action.slot), action.waiter.answer);
        this.#pool.noteLease(this.#pool.peerOf(action.slot), action.lease);
        break;
      case "refuse":
        this.#judgeRefusal(action.waiter.answer, action.refusal);
        break;
      case "probe":
        this.#move(action.slot, ["idle"], "probing");
        assert(this.#pool.in("probing").length <= this.#pool.limits.maxProbing);
        break;
      case "reset":
        this.#move(action.slot, ["leased"], "resetting");
        break;
      case "retire":
        this.#judgeRetirement(this.#pool.peerOf(action.slot), action.reason);
        break;
      case "lost":
        assertEquals(this.#pool.peerOf(action.slot).socket, "closed");
        this.#move(action.slot, ["leased"], "gone");
        this.#pool.counts.retired++;
        break;
      case "abandon":
        this.#judgeAbandonment(this.#pool.peerOf(action.slot));
        break;
      case "revoke":
        this.#judgeRevocation(this.#pool.peerOf(action.slot), action.lease);
        break;
      case "leak":
        assertEquals(this.#pool.peerOf(action.slot).place, "leased");
        break;
      case "warmed":
        assert(action.warmer.ticket.isPending, "a warm is answered once");
        action.warmer.ticket.isPending = false;
        break;
      case "closed":
        assertEquals(this.#pool.phase, "draining", "closed once");
        assertEquals(this.#pool.present(), [], "I9 closed implies no slot");
        assertEquals(this.#pool.waiting(), [], "I9 closed implies no waiter");
        assertEquals(action.drained, this.#pool.counts.drained);
        assertEquals(action.forced, this.#pool.counts.forced);
        this.#pool.phase = "closed";
    }
  }

  #move(slot: ModelSlot, from: Peer["place"][], to: Peer["place"]): void {
    const peer = this.#pool.peerOf(slot);
    assert(from.includes(peer.place), `I2 ${peer.place} to ${to}`);
    peer.place = to;
    if (to === "closing") peer.closingSince = this.#pool.now;
  }

  #judgeDial(slot: ModelSlot): void {
    const key = slot.key.name;
    const { maxConnections, maxConnectionsPerKey, maxConnecting } =
      this.#pool.limits;
    assertEquals(this.#pool.phase, "open", "only an open pool dials");
    assert(
      this.#pool.mayTry(key),
      "4.2 no dial in backoff, one trial at a time",
    );
    assert(
      this.#pool.waiting(key).length >
          this.#pool.in("connecting", key).length ||
        this.#pool.warmTickets.some((each) =>
          each.isPending && each.key === key
        ),
      "each dial is for somebody",
    );
    this.#pool.dialled.add(key);
    this.#pool.peers.push({
      slot,
      key,
      dialledAt: this.#pool.now,
      place: "connecting",
      socket: "dialling",
      isAnswered: false,
      farewells: 0,
      wasLeased: false,
      isLingering: false,
      closingSince: Infinity,
      hook: undefined,
    });
    assert(
      this.#pool.in("connecting").length <= maxConnecting,
      "maxConnecting",
    );
    assert(this.#pool.present().length <= maxConnections, "I1 maxConnections");
    assert(
      this.#pool.present(key).length <= maxConnectionsPerKey,
      "I1 maxConnectionsPerKey",
    );
  }

  #judgeAbort(peer: Peer, why: "timeout" | "unwanted"): void {
    if (why === "timeout") {
      assertEquals(peer.place, "connecting");
      assert(
        this.#pool.now >= peer.dialledAt + this.#pool.limits.connectTimeout,
      );
      return;
    }
    this.#move(peer.slot, ["connecting"], "closing");
    if (this.#pool.phase !== "open") return;
    const connecting = this.#pool.in("connecting", peer.key).length;
    assert(
      connecting >= this.#pool.waiting(peer.key).length,
      "4.11 nobody waits for an aborted dial",
    );
    this.#assertMakesRoom(peer);
  }

  #judgeGrant(peer: Peer, ticket: Ticket): void {
    const queue = this.#pool.waiting(ticket.key).filter((each) =>
      !peer.wasLeased || !each.fresh
    );
    assert(queue[0] === ticket, "I4 grants of a key leave in queue order");
    assertEquals(ticket.key, peer.key);
    ticket.state = "granted";
    if (this.#pool.isGracious) return;
    // Room that is on its way is converted already; a dial that could not start would not help.
    if (
      this.#pool.in("closing").length > 0 ||
      this.#pool.in("connecting").length >=
        this.#pool.limits.maxConnecting
    ) return;
    for (const older of this.#pool.waiting()) {
      if (older.id > ticket.id) break;
      if (older.key === ticket.key || !this.#pool.couldDial(older.key)) {
        continue;
      }
      older.overtaken++;
      assert(
        older.overtaken <= this.#pool.limits.maxConnections,
        "I4 overtaking of other keys is bounded (4.3)",
      );
    }
  }

  #judgeRefusal(ticket: Ticket, refusal: Refusal<ModelPayload>): void {
    assertEquals(ticket.state, "waiting", "I5 settled once");
    switch (refusal.kind) {
      case "timeout":
      case "dial-timeout": {
        assert(ticket.at <= this.#pool.now, "no timeout before the deadline");
        const { length } = this.#pool.in("connecting", ticket.key);
        const dials = length > 0 || !this.#pool.failureOf(ticket.key)
          ? length
          : 1;
        assertEquals(
          refusal.kind === "dial-timeout",
          this.#pool.waiting(ticket.key).indexOf(ticket) < dials,
          "4.2 whose own dial it was by place in the queue",
        );
        break;
      }
      case "failed": {
        assertEquals(
          ticket.key,
          this.#pool.failing?.key,
          "its own key's failure",
        );
        const isOldest = this.#pool.waiting(ticket.key)[0] === ticket;
        assert(isOldest, "4.2 a failure rejects the oldest first");
        break;
      }
      case "queue-full":
        assert(
          ticket === this.#pool.newcomer?.ticket &&
            this.#pool.newcomer.isTooMany,
        );
        break;
      case "closed":
        assert(this.#pool.phase !== "open");
    }
    ticket.state = "refused";
    if (refusal.kind === "timeout" || refusal.kind === "queue-full") {
      this.#pool.counts.exhausted++;
    } else {this.#pool
        .counts[refusal.kind === "closed" ? "closed" : "failed"]++;}
  }

  #judgeRetirement(peer: Peer, reason: string): void {
    this.#pool.counts.retired++;
    if (reason === "lost") {
      assertEquals(peer.socket, "closed");
      this.#move(peer.slot, ["idle", "probing", "resetting"], "gone");
      return;
    }
    const open = ["idle", "leased", "probing", "resetting"] as const;
    this.#move(peer.slot, [...open], "closing");
    if (reason === "evicted") this.#assertMakesRoom(peer);
  }

  /** A connection or dial gives way only for a dial that can start now (4.11). */
  #assertMakesRoom(peer: Peer): void {
    const { limits } = this.#pool;
    const connecting = this.#pool.in("connecting").length;
    assert(connecting < limits.maxConnecting, "4.11 room for a handshake");
    const keys = new Set(this.#pool.waiting().map(({ key }) => key));
    const wanted = [...keys].map((key) => this.#wantedBy(key))
      .reduce((sum, each) => sum + each, 0);
    assert(wanted > 0, "4.11 somebody's dial could start");
    // A dial may give way for its handshake alone.
    if (peer.socket === "dialling") return;
    const closing = this.#pool.in("closing").length;
    const isFull = this.#pool.present().length >= limits.maxConnections;
    const own = this.#pool.present(peer.key).length;
    const ownClosing = this.#pool.in("closing", peer.key).length;
    const isOwnFull = own >= limits.maxConnectionsPerKey;
    assert(
      isFull && closing <= wanted ||
        isOwnFull && ownClosing <= this.#wantedBy(peer.key),
      "4.11 no more connections give way than are needed",
    );
  }

  /** How many slots the key could fill with dials now. */
  #wantedBy(key: string): number {
    if (!this.#pool.mayTry(key)) return 0;
    const waiting = this.#pool.waiting(key).length;
    const demand = Math.max(
      0,
      waiting - this.#pool.in("connecting", key).length,
    );
    const room = this.#pool.limits.maxConnectionsPerKey -
      this.#pool.present(key).length + this.#pool.in("closing", key).length;
    return Math.min(demand, room, this.#pool.failureOf(key) ? 1 : Infinity);
  }

  #judgeAbandonment(peer: Peer): void {
    assert(
      this.#pool.now >= peer.closingSince + this.#pool.limits.closeTimeout,
    );
    this.#move(peer.slot, ["closing"], "gone");
    peer.isLingering = true;
    assert(
      this.#pool.phase !== "open" ||
        this.#pool.lingering <= this.#pool.limits.maxConnections,
      "4.8 lingering sockets are bounded",
    );
  }

  #judgeRevocation(peer: Peer, number: number): void {
    assertEquals(this.#pool.phase, "draining");
    assertEquals(peer.place, "leased");
    const lease = this.#pool.leases.find((each) =>
      each.peer === peer && each.number === number
    );
    assert(lease?.isLive, "only a live lease is revoked");
    lease.isLive = false;
    this.#pool.counts.forced++;
  }
}
