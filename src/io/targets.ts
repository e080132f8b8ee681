import { resolveAddress, toAddress } from "../address.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Key } from "../core/key.ts";
import { adoptKey, ensureKey } from "../core/keys.ts";
import type { Ledger } from "../core/ledger.ts";
import type { IoPayload, Target } from "./payload.ts";

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
  readonly #ledger: Ledger<IoPayload<Incoming, Outgoing>>;
  #recent: Map<string, Key<IoPayload<Incoming, Outgoing>>> = new Map();
  #older: Map<string, Key<IoPayload<Incoming, Outgoing>>> = new Map();
  /** The last of them. */
  #lastText: string | undefined;
  #last: Key<IoPayload<Incoming, Outgoing>> | undefined;

  constructor(
    config: ResolvedConfig<Incoming, Outgoing>,
    ledger: Ledger<IoPayload<Incoming, Outgoing>>,
  ) {
    this.#config = config;
    this.#ledger = ledger;
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
    const last = this.#last;
    return particulars === undefined && urlOrPath === this.#lastText &&
        last !== undefined && last.attached
      ? last
      : this.#lookUp(urlOrPath, particulars);
  }

  /** Apart from `find`, which is inlined where it is small. */
  #lookUp(
    urlOrPath: string | URL,
    particulars: Particulars | undefined,
  ): Key<IoPayload<Incoming, Outgoing>> {
    const { protocols, identity } = particulars ?? this.#config.websocket;
    if (typeof urlOrPath !== "string" || !this.#isUsual(protocols, identity)) {
      return this.#resolve(urlOrPath, protocols, identity);
    }
    let key = this.#recent.get(urlOrPath);
    if (key === undefined || !key.attached) {
      const known = key ?? this.#older.get(urlOrPath);
      key = known === undefined
        ? this.#resolve(urlOrPath, protocols, identity)
        : adoptKey(this.#ledger, known);
      if (this.#recent.size >= GENERATION) {
        this.#older = this.#recent;
        this.#recent = new Map();
      }
      this.#recent.set(urlOrPath, key);
    }
    this.#lastText = urlOrPath;
    return this.#last = key;
  }

  #isUsual(protocols: readonly string[], identity: string): boolean {
    const { websocket } = this.#config;
    return protocols === websocket.protocols && identity === websocket.identity;
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
    return ensureKey(this.#ledger, name, { address, protocols, identity });
  }
}
