import {
  type Action,
  type Awaited,
  CASE_PARAMETER,
  type CaseState,
  type Command,
  type ServerAddress,
} from "./control.ts";

/**
 * One case's part of the raw server, which is another process.
 *
 * Paths name what a peer does: `/echo`, `/hang`, `/close/1008` and so on.
 */
export class Remote {
  readonly address: ServerAddress;
  readonly #name: string = crypto.randomUUID();

  constructor(address: ServerAddress) {
    this.address = address;
  }

  /** For `baseUrl`: its query, which every path keeps, says whose peer it is. */
  get baseUrl(): string {
    return this.url("/");
  }

  url(path: string): string {
    return `${this.address.sockets}${path}?${CASE_PARAMETER}=${this.#name}`;
  }

  /** Resolves when all of it holds; rejects after 20 s. */
  until(until: Awaited): Promise<CaseState> {
    return this.#command({ do: "wait", until });
  }

  /** Has a peer do something, by its number from 0. */
  tell(action: Action, peer = 0): Promise<CaseState> {
    return this.#command({ do: "tell", peer, action });
  }

  /** Breaks off what is left, so that no socket outlives its case. */
  end(): Promise<CaseState> {
    return this.#command({ do: "end" });
  }

  async #command(command: Command): Promise<CaseState> {
    const url = `${this.address.control}/?${CASE_PARAMETER}=${this.#name}`;
    const body = JSON.stringify(command);
    const response = await fetch(url, { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  }
}
