import type { SendData } from "../../support/fake_socket.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import type { Dialect, Tag } from "./dialect.ts";
import { SECRET } from "./dialect.ts";
import type { Target } from "./plan.ts";
import { type FarEnd, SimulatedSocket } from "./simulated_socket.ts";
import type { World } from "./world.ts";

/** A message that a server has sent, and what became of it. */
export interface Delivery {
  readonly kind: string;
  /** Its place among all deliveries of the simulation. */
  readonly turn: number;
  isHeard: boolean;
  isRead: boolean;
}

/** What the servers of a simulation have in common. */
export interface PeerSetting {
  readonly world: World;
  readonly dialect: Dialect;
  readonly runtime: RuntimeName;
  readonly latency: number;
  /** Hears what callers say, and over which socket. */
  said(peer: Peer, tag: Tag): void;
  handshakeEnded(): void;
  ended(): void;
}

/** These runtimes give up on a close handshake by themselves, after so many ms. */
const OWN_CLOSE_TIMEOUT: Partial<Record<RuntimeName, number>> = {
  bun: 36_000,
  chromium: 60_000,
};

const CONNECTING = 0;
const OPEN = 1;

/** The server's end of one socket, and the book of all that passed over it. */
export class Peer implements FarEnd {
  readonly id: number;
  readonly target: Target;
  readonly socket: SimulatedSocket;
  readonly deliveries: Delivery[] = [];
  /** Deliveries in all by the time it opened, and that time. */
  openedAfter = Infinity;
  openedAt = Infinity;
  /** The pool's number of the connection it belongs to, once that shows. */
  connection: number | undefined;
  /** Since when nothing gets through any more, in either direction. */
  silentSince: number | undefined;
  /** When something last came through to the client. */
  heardAt = 0;
  /** Whether it never answers a close. */
  isDeaf = false;
  /** Messages of callers and hooks, and pings, that came in. */
  readonly heardKinds: Map<string, number> = new Map();
  readonly #setting: PeerSetting;
  readonly #farewell: { code: number; reason: string }[] = [];
  /** What is on its way in the order of a wire: nothing overtakes. */
  #lineFreeAt = 0;
  #frozen: (() => void)[] | undefined;
  #isStalled = false;

  constructor(
    id: number,
    url: string,
    target: Target,
    protocols: readonly string[],
    setting: PeerSetting,
  ) {
    this.id = id;
    this.target = target;
    this.#setting = setting;
    this.socket = new SimulatedSocket(url, {
      protocols,
      runtime: setting.runtime,
      onHandshakeEnd: () => setting.handshakeEnded(),
      onEnd: () => {
        setting.ended();
        const { tally } = setting.world;
        if (this.socket.closesTwice) tally.count("closes twice");
      },
    }, this);
    const { random } = setting.world;
    this.socket.closesTwice = setting.runtime === "deno" && random.chance(0.3);
  }

  get isConnecting(): boolean {
    return this.socket.readyState === CONNECTING;
  }

  /** Whether the client has it open and unclosed. */
  get isOpen(): boolean {
    return this.socket.readyState === OPEN;
  }

  get isLive(): boolean {
    return !this.socket.ended;
  }

  get isClosing(): boolean {
    return this.isLive && this.socket.closeCalls.length > 0;
  }

  /** How long since the client heard anything, in ms. */
  get silence(): number {
    return this.#setting.world.now - this.heardAt;
  }

  open(protocol?: string): void {
    if (!this.isConnecting) return;
    const { world } = this.#setting;
    this.openedAfter = world.deliveries;
    this.openedAt = world.now;
    this.heardAt = world.now;
    this.socket.open(protocol);
  }

  // What comes in

  heard(data: SendData): void {
    const { world, dialect } = this.#setting;
    if (this.#isStalled) this.socket.buffered += 100;
    const tag = dialect.fromWire(data);
    if (tag === undefined) {
      world.violated("3.2 what was sent arrives as it was sent");
      return;
    }
    const count = this.heardKinds.get(tag.kind) ?? 0;
    this.heardKinds.set(tag.kind, count + 1);
    // Before it may be lost on its way: the client has handed it over.
    this.#setting.said(this, tag);
    if (this.silentSince !== undefined) return;
    if (tag.kind === "ping") this.say("pong");
    else if (tag.kind === "login") this.say("welcome");
    else if (tag.kind === "say" && world.random.chance(0.3)) this.say("echo");
  }

  closing(code: number, reason: string): void {
    const { world, runtime } = this.#setting;
    const limit = OWN_CLOSE_TIMEOUT[runtime];
    if (limit !== undefined) world.after(limit, () => this.socket.reset());
    if (this.silentSince === undefined) this.#answer(code, reason);
    else this.#farewell.push({ code, reason });
  }

  givenUp(): void {
    const { world, runtime } = this.#setting;
    world.tally.count(`given up while connecting: ${runtime}`);
  }

  // What goes out

  /** Says something after a while, behind what is on its way. */
  say(kind: string): void {
    this.#later(() => this.deliver(kind));
  }

  /** Hands a message to the client now. */
  deliver(kind: string, padding = ""): void {
    const { world, dialect } = this.#setting;
    if (this.isConnecting || this.socket.ended) return;
    const number = this.deliveries.length;
    const wire = kind === "garbage"
      ? `? ${SECRET}`
      : dialect.toWire({ kind, from: this.id, number }, padding);
    const delivery: Delivery = {
      kind,
      turn: ++world.deliveries,
      isHeard: this.socket.listenerCount("message") > 0,
      isRead: false,
    };
    this.deliveries.push(delivery);
    // First the book: who hears it may read it within the call.
    this.heardAt = world.now;
    const isBinary = world.random.chance(0.2);
    const data = isBinary ? new TextEncoder().encode(wire) : wire;
    if (!this.socket.message(data)) delivery.isHeard = false;
    if (delivery.isHeard) world.tally.count(`delivered: ${kind}`);
  }

  // Ends and faults

  closeFirst(code: number, reason: string): void {
    if (!this.isConnecting) this.socket.peerClose(code, reason);
  }

  /** From here on nothing gets through. */
  fallSilent(): void {
    if (this.silentSince !== undefined || this.socket.ended) return;
    this.silentSince = this.#setting.world.now;
    this.socket.answersPing = false;
    this.#frozen = [];
  }

  /** What was held back comes through, at once. */
  wakeUp(): void {
    if (this.silentSince === undefined) return;
    this.silentSince = undefined;
    this.socket.answersPing = true;
    const frozen = this.#frozen ?? [];
    this.#frozen = undefined;
    for (const happen of frozen) this.#later(happen);
    for (const { code, reason } of this.#farewell.splice(0)) {
      this.#answer(code, reason);
    }
  }

  /** The socket takes bytes and keeps them for a while. */
  stallSending(duration: number): void {
    if (!this.isOpen) return;
    this.#isStalled = true;
    this.socket.buffered += 500;
    this.#setting.world.after(duration, () => {
      this.#isStalled = false;
      this.socket.buffered = 0;
    });
  }

  #answer(code: number, reason: string): void {
    const { random } = this.#setting.world;
    if (this.isDeaf) return;
    // What was on its way when the close came.
    for (let late = random.below(3); late > 0; late--) this.say("late");
    this.#later(() => this.socket.peerClose(code, reason));
  }

  /** In order: what is behind on the wire does not come first. */
  #later(happen: () => void): void {
    const { world, latency } = this.#setting;
    const at = Math.max(
      this.#lineFreeAt,
      world.now + world.random.below(2 * latency + 1),
    );
    this.#lineFreeAt = at;
    world.after(at - world.now, () => {
      if (this.#frozen !== undefined) this.#frozen.push(happen);
      else happen();
    });
  }
}
