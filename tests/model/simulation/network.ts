import type { RuntimeName } from "../../support/runtime_profile.ts";
import type { Dialect, Tag } from "./dialect.ts";
import { SECRET } from "./dialect.ts";
import { Peer, type PeerSetting } from "./peer.ts";
import { HOSTS, type Plan, type Target } from "./plan.ts";
import { Server } from "./server.ts";
import type { World } from "./world.ts";

/** All servers, and the books of all sockets there ever were. */
export class Network {
  readonly peers: Peer[] = [];
  readonly servers: readonly Server[];
  /** When sockets were asked for. */
  readonly dialTimes: number[] = [];
  /** Told what a caller has said over which socket. */
  onSaid: (peer: Peer, tag: Tag) => void = () => {};
  /** Told before a socket is made. */
  onDial: (target: Target) => void = () => {};
  readonly runtime: RuntimeName;
  #connecting = 0;
  #live = 0;
  readonly #plan: Plan;
  readonly #world: World;
  readonly #setting: PeerSetting;

  constructor(plan: Plan, world: World, dialect: Dialect) {
    this.#plan = plan;
    this.#world = world;
    this.runtime = plan.runtime;
    this.servers = Array.from(
      { length: HOSTS },
      (_, index) => new Server(index, plan, world, dialect),
    );
    this.#setting = {
      world,
      dialect,
      runtime: plan.runtime,
      latency: plan.latency,
      said: (peer, tag) => this.onSaid(peer, tag),
      handshakeEnded: () => this.#connecting--,
      ended: () => this.#live--,
    };
  }

  /** Handshakes in flight that the client has not given up. */
  get connecting(): number {
    return this.#connecting;
  }

  /** Sockets that have not ended, handshakes included. */
  get live(): number {
    return this.#live;
  }

  get livePeers(): Peer[] {
    return this.peers.filter(({ isLive }) => isLive);
  }

  /** The target that an address, as dialled or as shown, stands for. */
  targetOf(url: string): Target {
    const { pathname } = new URL(url);
    const target = this.#plan.targets.find(({ path }) => path === pathname);
    if (target === undefined) throw new Error(`Nobody asked for ${url}`);
    return target;
  }

  /** To be passed as the pool's `websocket.factory`. */
  readonly factory = (
    url: string,
    init: { protocols: string[]; headers?: Headers },
  ): Peer["socket"] => {
    const target = this.targetOf(url);
    this.onDial(target);
    this.dialTimes.push(this.#world.now);
    this.#world.tally.count("dials");
    const server = this.servers[target.host];
    if (server === undefined) throw new Error("There is no such host.");
    if (server.refusesUrl) {
      throw new SyntaxError(`Bad address ${url} ${SECRET}`);
    }
    const id = this.peers.length;
    const peer = new Peer(id, url, target, init.protocols, this.#setting);
    this.peers.push(peer);
    this.#connecting++;
    this.#live++;
    this.#world.note(`socket ${id} dials ${target.path}`);
    server.dialled(peer);
    return peer.socket;
  };

  /** All faults end; sockets that are out of reach for good are reset. */
  calmDown(): void {
    for (const server of this.servers) server.recover();
    for (const peer of this.livePeers) {
      if (peer.silentSince !== undefined || peer.isDeaf || peer.isClosing) {
        peer.socket.reset();
      }
    }
  }
}
