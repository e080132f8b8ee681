import { FakeSocket } from "./fake_socket.ts";
import type { RuntimeName } from "./runtime_profile.ts";

/**
 * What a dial meets.
 *
 * - `"open"`: the handshake succeeds in a microtask.
 * - `"manual"`: the test calls `socket.open()` or `socket.fail()`.
 * - `"refuse"`: `error` and `close` in a microtask.
 * - `"hang"`: nothing, until the client closes the socket.
 * - a function: called before the factory returns; if it throws, the factory
 *   throws, as `new WebSocket` does for an address it cannot take.
 */
export type DialBehaviour =
  | "open"
  | "manual"
  | "refuse"
  | "hang"
  | ((socket: FakeSocket) => void);

export interface Dial {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: Headers | undefined;
  /** The time of the dial, 0 in a network without a clock. */
  readonly at: number;
}

export interface FakeNetworkOptions {
  readonly runtime?: RuntimeName;
  /** Stamps the dials: `() => clock.time` reads without being counted. */
  readonly now?: () => number;
}

interface Rule {
  readonly where: string;
  readonly behaviour: DialBehaviour;
}

/** All servers there are, behind a WebSocket factory. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];
  readonly dials: Dial[] = [];
  readonly runtime: RuntimeName;
  /** What a dial meets that no rule names. */
  behaviour: DialBehaviour = "open";

  readonly #now: () => number;
  readonly #rules: Rule[] = [];
  #connecting = 0;
  #maxConnecting = 0;
  #live = 0;
  #maxLive = 0;

  constructor(options: FakeNetworkOptions = {}) {
    this.runtime = options.runtime ?? "deno";
    this.#now = options.now ?? (() => 0);
  }

  /**
   * Scripts the dials to a host (`example.com`), a path (`/ws/a`) or both
   * (`example.com/ws/a`), from now on; the newest rule that fits decides.
   */
  behave(where: string, behaviour: DialBehaviour): void {
    this.#rules.unshift({ where, behaviour });
  }

  /** The newest socket. */
  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("Nothing was dialled yet.");
    return socket;
  }

  /** The sockets dialled to a host, a path or both, oldest first. */
  socketsTo(where: string): FakeSocket[] {
    return this.sockets.filter((socket) => isAt(socket.url, where));
  }

  /** Handshakes in flight now, and the most there ever were. */
  get connecting(): number {
    return this.#connecting;
  }

  get maxConnecting(): number {
    return this.#maxConnecting;
  }

  /** Sockets the servers hold now, handshakes included, and the most ever. */
  get live(): number {
    return this.#live;
  }

  get maxLive(): number {
    return this.#maxLive;
  }

  /** To be passed as the pool's `websocket.factory`. */
  readonly factory = (
    url: string,
    init: { protocols: string[]; headers?: Headers },
  ): FakeSocket => {
    this.dials.push({
      url,
      protocols: [...init.protocols],
      headers: init.headers === undefined
        ? undefined
        : new Headers(init.headers),
      at: this.#now(),
    });
    const socket = new FakeSocket(url, {
      protocols: init.protocols,
      runtime: this.runtime,
      onHandshakeEnd: () => this.#connecting--,
      onEnd: () => this.#live--,
    });
    const behaviour = this.#behaviourAt(url);
    // Before the count: what throws here never was a socket.
    if (typeof behaviour === "function") behaviour(socket);
    this.sockets.push(socket);
    this.#count();
    if (behaviour === "open") queueMicrotask(() => socket.open());
    if (behaviour === "refuse") queueMicrotask(() => socket.fail());
    return socket;
  };

  #count(): void {
    this.#maxConnecting = Math.max(this.#maxConnecting, ++this.#connecting);
    this.#maxLive = Math.max(this.#maxLive, ++this.#live);
  }

  #behaviourAt(url: string): DialBehaviour {
    const rule = this.#rules.find(({ where }) => isAt(url, where));
    return rule?.behaviour ?? this.behaviour;
  }
}

function isAt(url: string, where: string): boolean {
  const { host, hostname, pathname } = new URL(url);
  return [host, hostname, pathname, host + pathname].includes(where);
}
