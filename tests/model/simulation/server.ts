import type { Dialect } from "./dialect.ts";
import type { Peer } from "./peer.ts";
import type { Plan } from "./plan.ts";
import type { World } from "./world.ts";

/** What a whole host does to those who dial it. */
export const MOODS = [
  "up",
  "slow",
  "refusing",
  "hanging",
  "partitioned",
  "flapping",
  "unauthorised",
  "confused",
  "unaddressable",
] as const;
export type Mood = typeof MOODS[number];

/** How an endpoint breaks off what it has just accepted. */
const FLAPS = [1000, 1006, 1011, 1013, 4000];
const REJECTIONS = [1008, 4401, 4403, 1002];

/** A seed of many words must not cost more than all others. */
const MOST_DELIVERIES = 2_000;

const LONGEST = "x".repeat(5_000);

/** One host: how it answers dials, and what its sockets say without being asked. */
export class Server {
  readonly index: number;
  mood: Mood = "up";
  readonly peers: Peer[] = [];
  readonly #plan: Plan;
  readonly #world: World;
  readonly #kinds: readonly string[];

  constructor(index: number, plan: Plan, world: World, dialect: Dialect) {
    this.index = index;
    this.#plan = plan;
    this.#world = world;
    this.#kinds = [
      ...Array.from({ length: 20 }, () => "talk"),
      ...dialect.knowsGarbage ? ["garbage"] : [],
      ...dialect.knowsSpoilt ? ["spoilt"] : [],
      ...plan.heartbeat?.replies ? ["demand", "demand"] : [],
      "huge",
    ];
  }

  /** Whether the constructor of the socket itself throws. */
  get refusesUrl(): boolean {
    return this.mood === "unaddressable";
  }

  dialled(peer: Peer): void {
    const { random, tally } = this.#world;
    this.peers.push(peer);
    tally.count(`dialled while ${this.mood}`);
    const latency = random.below(2 * this.#plan.latency + 1);
    switch (this.mood) {
      case "refusing":
        return this.#later(latency, peer, () => peer.socket.fail());
      case "hanging":
        return;
      case "partitioned":
        return;
      case "slow":
        return this.#later(
          random.below(1.5 * this.#plan.timeouts.connect),
          peer,
          () => this.#accept(peer),
        );
      case "confused":
        return this.#later(latency, peer, () => peer.open("v9"));
      case "flapping":
        return this.#later(latency, peer, () => {
          this.#accept(peer);
          const code = random.pick(FLAPS);
          this.#breakOff(peer, random.below(3) * 10, code);
        });
      case "unauthorised":
        return this.#later(latency, peer, () => {
          if (random.chance(0.3)) return peer.socket.fail();
          this.#accept(peer);
          this.#breakOff(peer, random.below(3), random.pick(REJECTIONS));
        });
      default:
        return this.#later(latency, peer, () => this.#accept(peer));
    }
  }

  recover(): void {
    this.mood = "up";
    for (const peer of this.peers) if (peer.isConnecting) this.#accept(peer);
  }

  /** Ends every socket there is, as a restart does. */
  restart(code: number): void {
    for (const peer of this.peers.filter(({ isLive }) => isLive)) {
      if (code === 1006) peer.socket.reset();
      else peer.closeFirst(code, "restart");
    }
  }

  /** Says some things at once, as they come out of one read of the network. */
  async burst(peer: Peer, count: number): Promise<void> {
    const { random } = this.#world;
    for (let left = count; left > 0; left--) {
      if (peer.silentSince !== undefined || !peer.isOpen) return;
      const kind = random.pick(this.#kinds);
      peer.deliver(kind, kind === "huge" ? LONGEST : "");
      // Node hands a whole read over before any microtask runs.
      if (this.#plan.runtime !== "node") await undefined;
    }
  }

  #accept(peer: Peer): void {
    const { random } = this.#world;
    if (!peer.isConnecting) return;
    peer.open();
    // In the same segment as the handshake's answer.
    if (random.chance(0.3)) peer.deliver("greeting");
    this.#talk(peer);
  }

  #breakOff(peer: Peer, delay: number, code: number): void {
    const end = () => {
      if (code === 1006) peer.socket.reset();
      else peer.closeFirst(code, "");
    };
    if (delay === 0) end();
    else this.#later(delay, peer, end);
  }

  #talk(peer: Peer): void {
    const { talkGap, burst } = this.#plan;
    const { random } = this.#world;
    const { deliveries, isCalm } = this.#world;
    if (talkGap === Infinity || isCalm || deliveries > MOST_DELIVERIES) return;
    this.#world.after(random.next() * 2 * talkGap, () => {
      if (!peer.isLive) return;
      this.burst(peer, random.between(1, burst));
      this.#talk(peer);
    });
  }

  #later(delay: number, peer: Peer, happen: () => void): void {
    this.#world.after(delay, () => {
      if (peer.isLive) happen();
    });
  }
}
