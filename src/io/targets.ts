import { resolveAddress, toAddress } from "../address.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Key } from "../core/key.ts";
import type { KeyTable } from "../core/key_table.ts";
import type { IoPayload } from "./payload.ts";
import type { Target } from "./target.ts";
import { requireHeaders } from "./web_socket.ts";

/** Look-ups remembered at least, twice as many at most: tens of thousands of keys in turn are found without parsing. */
const GENERATION = 32_768;

/** What a target is besides its address. */
type Particulars = Pick<Target, "protocols" | "identity">;

/**
 * Finds the key of what an acquire names. Look-ups of a bare string are
 * remembered, in two generations: bounded, and without book-keeping per use.
 */
export class Targets<Incoming, Outgoing> {
  readonly #config: ResolvedConfig<Incoming, Outgoing>;
  readonly #keys: KeyTable<IoPayload<Incoming, Outgoing>>;
  #recent: Map<string, Key<IoPayload<Incoming, Outgoing>>> = new Map();
  #older: Map<string, Key<IoPayload<Incoming, Outgoing>>> = new Map();

  #lastText: string | undefined;
  #last: Key<IoPayload<Incoming, Outgoing>> | undefined;

  constructor(
    config: ResolvedConfig<Incoming, Outgoing>,
    keys: KeyTable<IoPayload<Incoming, Outgoing>>,
  ) {
    this.#config = config;
    this.#keys = keys;
  }

  /**
   * The key of a target.
   *
   * @param particulars What it is besides its address; by default the pool's
   * @throws {TypeError} If the address is wrong
   */
  find(
    urlOrPath: string | URL,
    particulars?: Particulars,
  ): Key<IoPayload<Incoming, Outgoing>> {
    // The same text again: cheaper than to hash it.
    if (
      particulars === undefined && urlOrPath === this.#lastText &&
      this.#last?.attached
    ) return this.#last;
    const { protocols, identity } = particulars ?? this.#config.websocket;
    if (typeof urlOrPath !== "string" || !this.#isUsual(protocols, identity)) {
      return this.#resolve(urlOrPath, protocols, identity);
    }
    const known = this.#recent.get(urlOrPath);
    if (known !== undefined && known.attached) {
      this.#lastText = urlOrPath;
      return this.#last = known;
    }
    const key = this.#recall(urlOrPath) ??
      this.#resolve(urlOrPath, protocols, identity);
    this.#remember(urlOrPath, key);
    return key;
  }

  #isUsual(protocols: readonly string[], identity: string): boolean {
    const { websocket } = this.#config;
    return protocols === websocket.protocols && identity === websocket.identity;
  }

  #recall(text: string): Key<IoPayload<Incoming, Outgoing>> | undefined {
    const key = this.#recent.get(text) ?? this.#older.get(text);
    return key && this.#keys.adopt(key);
  }

  #remember(text: string, key: Key<IoPayload<Incoming, Outgoing>>): void {
    if (this.#recent.size >= GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(text, key);
  }

  #resolve(
    urlOrPath: string | URL,
    protocols: readonly string[],
    identity: string,
  ): Key<IoPayload<Incoming, Outgoing>> {
    const { baseUrl, redactUrl, websocket: { factory } } = this.#config;
    const url = resolveAddress(urlOrPath, baseUrl);
    const address = toAddress(url, redactUrl);
    if (address.authorization !== undefined) {
      requireHeaders(
        factory,
        "Invalid WebSocket address: userinfo is a header",
      );
    }
    // JSON keeps the parts apart, whatever they contain.
    const name = JSON.stringify([url.href, protocols, identity]);
    return this.#keys.ensure(name, { address, protocols, identity });
  }
}
