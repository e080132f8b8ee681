import type { RawPeer } from "../support/raw_peer.ts";
import { RawServer } from "../support/raw_server.ts";

const TICK = 10;

/** What the server streams: which life of it speaks, and how often it has. */
export interface Tick {
  readonly life: number;
  readonly count: number;
}

/**
 * A server that is killed and comes back on its port. To each peer that has
 * sent the text `"subscribe"` it streams ticks, and to no other.
 */
export class RestartingServer implements AsyncDisposable {
  /** The peers of all lives. */
  readonly peers: RawPeer[] = [];
  readonly port: number;
  #server: RawServer;
  #life = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;

  private constructor(server: RawServer) {
    this.#server = server;
    this.port = server.port;
    this.#stream();
  }

  static async start(): Promise<RestartingServer> {
    const server = await RawServer.start();
    return new RestartingServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The number of the present life, or of the next while it is dead. */
  get life(): number {
    return this.#life;
  }

  /** Resets every connection and refuses new ones. */
  async kill(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#server.stop();
    this.peers.push(...this.#server.peers);
    this.#life++;
  }

  async restart(): Promise<void> {
    this.#server = await RawServer.start({ port: this.port });
    this.#stream();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    await this.#server[Symbol.asyncDispose]();
  }

  #stream(): void {
    const server = this.#server;
    const life = this.#life;
    let count = 0;
    this.#ticker = setInterval(() => {
      const tick: Tick = { life, count: count++ };
      for (const peer of server.peers) {
        if (peer.messages.includes('"subscribe"')) {
          peer.text(JSON.stringify(tick));
        }
      }
    }, TICK);
  }
}
