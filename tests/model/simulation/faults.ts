import { REFUSED_BYTES } from "./holders.ts";
import type { Network } from "./network.ts";
import type { Peer } from "./peer.ts";
import type { Plan } from "./plan.ts";
import { MOODS } from "./server.ts";
import type { World } from "./world.ts";

/** What can go wrong with one socket, or with the process. */
export const FAULTS = [
  "mood",
  "reset",
  "close",
  "broken frame",
  "half-open",
  "freeze",
  "deaf to close",
  "restart",
  "slow reader",
  "refused bytes",
  "burst",
  "stall",
  "late timer",
] as const;
export type Fault = typeof FAULTS[number];

const WEIGHTS: ReadonlyMap<Fault, number> = new Map<Fault, number>([
  ["mood", 6],
  ["reset", 4],
  ["close", 6],
  ["broken frame", 1],
  ["half-open", 3],
  ["freeze", 2],
  ["deaf to close", 3],
  ["restart", 1],
  ["slow reader", 2],
  ["refused bytes", 1],
  ["burst", 3],
  ["stall", 0.5],
  ["late timer", 1],
]);

const CLOSE_CODES = [
  1000,
  1001,
  1002,
  1005,
  1006,
  1008,
  1009,
  1011,
  1012,
  1013,
  4000,
  4401,
];
const RESTART_CODES = [1001, 1006, 1012];

/** Makes things go wrong, from the beginning until the world is calm. */
export class Faults {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #network: Network;

  constructor(plan: Plan, world: World, network: Network) {
    this.#plan = plan;
    this.#world = world;
    this.#network = network;
  }

  begin(): void {
    const gap = this.#world.random.next() * 2 * this.#plan.faultGap;
    this.#world.after(gap, () => {
      if (this.#world.isCalm) return;
      this.#strike();
      this.begin();
    });
  }

  #strike(): void {
    const { random } = this.#world;
    const fault = random.weighted(WEIGHTS);
    const peer = random.pickAny(this.#network.livePeers);
    switch (fault) {
      case "mood":
        return this.#changeMood();
      case "restart":
        return this.#restart();
      case "stall":
        this.#note(fault);
        return this.#world.stall(random.between(1_000, 6_000));
      case "late timer":
        this.#note(fault);
        return this.#world.stall(random.between(1, 400));
      default:
        if (peer === undefined) return;
        this.#note(fault, peer);
        this.#strikeOne(fault, peer);
    }
  }

  #strikeOne(fault: Fault, peer: Peer): void {
    const { random } = this.#world;
    const { socket } = peer;
    switch (fault) {
      case "reset":
        return socket.reset();
      case "close":
        return peer.closeFirst(random.pick(CLOSE_CODES), "so be it");
      case "broken frame":
        return socket.fail();
      case "half-open":
        return peer.fallSilent();
      case "freeze":
        peer.fallSilent();
        return this.#world.after(random.below(800), () => peer.wakeUp());
      case "deaf to close":
        peer.isDeaf = true;
        return;
      case "slow reader":
        return peer.stallSending(random.below(300));
      case "refused bytes":
        socket.nextSendError = REFUSED_BYTES;
        return;
      default:
        this.#network.servers[peer.target.host]?.burst(
          peer,
          random.between(5, 60),
        );
    }
  }

  #changeMood(): void {
    const { random } = this.#world;
    const server = random.pick(this.#network.servers);
    const mood = random.pick(MOODS);
    server.mood = mood;
    this.#note(`mood ${mood}`);
    // Who is cut off hears nothing from sockets that are open either.
    if (mood === "partitioned") {
      for (const peer of server.peers) peer.fallSilent();
    }
    this.#world.after(random.below(1_500), () => {
      if (server.mood !== mood) return;
      server.mood = "up";
      if (mood !== "partitioned" || random.chance(0.5)) return;
      for (const peer of server.peers) peer.wakeUp();
    });
  }

  /** All sockets end; for a while nobody listens. */
  #restart(): void {
    const { random } = this.#world;
    const server = random.pick(this.#network.servers);
    this.#note("restart");
    server.restart(random.pick(RESTART_CODES));
    server.mood = "refusing";
    this.#world.after(random.below(500), () => server.mood = "up");
  }

  #note(fault: string, peer?: Peer): void {
    this.#world.tally.count(`fault: ${fault}`);
    this.#world.note(`FAULT ${fault}${peer ? ` at socket ${peer.id}` : ""}`);
  }
}
