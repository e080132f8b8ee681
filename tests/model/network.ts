import { assert, assertEquals } from "@std/assert";
import type { PoolState } from "../../src/core/pool_state.ts";
import { choose } from "./commands.ts";
import type { ModelPayload, Peer } from "./records.ts";
import type { Reference } from "./reference.ts";
import type { World } from "./world.ts";

/** The far side: each dial is answered once, open sockets are lost, asked ones close, hooks end. */
export class Network {
  readonly #world: World;
  readonly #state: PoolState<ModelPayload>;
  readonly #reference: Reference;

  constructor(world: World) {
    this.#world = world;
    this.#state = world.state;
    this.#reference = world.reference;
  }

  /** Dials that were begun and are not answered. */
  get dials(): Peer[] {
    return this.#reference.peers.filter((peer) =>
      peer.slot.resource !== undefined && !peer.isAnswered
    );
  }

  opened(pick: number, spread: number): void {
    const peer = choose(this.dials, pick);
    if (peer === undefined || peer.socket === "closed") return;
    this.#world.begin();
    peer.isAnswered = true;
    peer.socket = "open";
    if (peer.place === "connecting") {
      peer.place = "idle";
      this.#reference.counts.opened++;
      this.#reference.noteSuccess(peer.key);
    }
    const { now } = this.#reference;
    const rests = this.#state.opened(peer.slot, now, spread);
    this.#world.observe();
    if (peer.place === "idle") assert(rests);
  }

  dialFailed(
    pick: number,
    fatal: boolean,
    closed: boolean,
    random: number,
  ): void {
    const peer = choose(this.dials, pick);
    if (peer === undefined) return;
    this.#world.begin();
    const reference = this.#reference;
    // A dial's socket may close before the dial is known to have failed.
    const isClosed = closed || peer.socket === "closed";
    peer.socket = isClosed ? "closed" : "open";
    peer.isAnswered = true;
    peer.farewells++;
    if (peer.place === "connecting") {
      peer.closingSince = reference.now;
      reference.failing = { key: peer.key, fatal };
      reference.noteFailure(peer, fatal, random);
    }
    if (peer.place !== "gone") peer.place = isClosed ? "gone" : "closing";
    const others = reference.in("connecting", peer.key).length;
    const refused = reference.failing === undefined
      ? []
      : reference.waiting(peer.key).slice(
        0,
        fatal || others === 0 ? Infinity : 1,
      );
    const lingered = isClosed && peer.isLingering;
    this.#state.dialFailed(
      peer.slot,
      reference.now,
      "failure",
      fatal,
      isClosed,
      random,
    );
    this.#world.observe();
    for (const each of refused) {
      assertEquals(each.state, "refused", "4.2 who is told of a failed dial");
    }
    if (lingered) this.#world.lingerEnded(peer);
  }

  lost(pick: number): void {
    const peer = choose(this.#openPeers, pick);
    if (peer === undefined) return;
    this.#world.begin();
    if (!this.#openPeers.includes(peer)) return;
    peer.socket = "closed";
    this.#state.lost(peer.slot, this.#reference.now, true, true, 0);
    this.#world.observe();
    assertEquals(peer.place, "gone");
  }

  spoiled(pick: number): void {
    const peer = choose(this.#openPeers, pick);
    if (peer === undefined) return;
    this.#world.begin();
    this.#state.spoiled(peer.slot, this.#reference.now);
    this.#world.observe();
    assertEquals(peer.place === "closing" || peer.place === "gone", true);
  }

  /** A socket closes that was asked to, or one that was given up. */
  closed(pick: number): void {
    this.#world.begin();
    const peer = choose(
      this.#reference.peers.filter((each) =>
        each.socket !== "closed" &&
        (each.place === "closing" || each.isLingering)
      ),
      pick,
    );
    if (peer === undefined || this.#world.isGivingUp(peer)) return;
    peer.socket = "closed";
    if (peer.isLingering) {
      this.#world.lingerEnded(peer);
    } else {
      peer.place = "gone";
      this.#state.closed(peer.slot, this.#reference.now);
    }
  }

  hookDone(pick: number, well: boolean): void {
    const peers = this.#reference.peers.filter((each) => each.hook);
    const peer = choose(peers, pick);
    if (peer === undefined) return;
    this.#world.begin();
    const { hook, slot } = peer;
    peer.hook = undefined;
    const isUnderWay = peer.place === "probing" || peer.place === "resetting";
    if (isUnderWay && well) peer.place = "idle";
    const { now } = this.#reference;
    if (hook === "probe") this.#state.probeDone(slot, well, now);
    else this.#state.resetDone(slot, well, now);
    this.#world.observe();
    if (!well) assert(peer.place === "closing" || peer.place === "gone");
  }

  heard(pick: number): void {
    const peer = choose(this.#reference.in("idle"), pick);
    if (peer !== undefined) this.#state.heard(peer.slot);
  }

  get #openPeers(): Peer[] {
    return this.#reference.peers.filter((peer) =>
      ["idle", "leased", "probing", "resetting"].includes(peer.place)
    );
  }
}
