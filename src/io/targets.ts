import { resolveAddress, toAddress } from "../address.ts";
import { ownOptions, secretStringOption } from "../checks.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Key } from "../core/key.ts";
import { adoptKey, ensureKey } from "../core/keys.ts";
import type { Ledger } from "../core/ledger.ts";
import type { TargetOptions } from "../options.ts";
import { resolveProtocols } from "../websocket_config.ts";
import type { IoPayload } from "./payload.ts";
import { sendsHeaders } from "./web_socket.ts";

/** Look-ups remembered at least, twice as many at most: tens of thousands of keys in turn are found without parsing. */
const GENERATION = 32_768;

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
   * @throws {TypeError} If the address or an option is wrong
   */
  find(
    urlOrPath: string | URL,
    options?: TargetOptions,
  ): Key<IoPayload<Incoming, Outgoing>> {
    // The same text again: cheaper than to hash it.
    if (
      options === undefined && urlOrPath === this.#lastText &&
      this.#last?.attached
    ) return this.#last;
    if (
      typeof urlOrPath !== "string" || options?.protocols !== undefined ||
      options?.identity !== undefined
    ) return this.#resolve(urlOrPath, options);
    let key = this.#recent.get(urlOrPath);
    if (key === undefined || !key.attached) {
      const known = key ?? this.#older.get(urlOrPath);
      key = known === undefined
        ? this.#resolve(urlOrPath, undefined)
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

  #resolve(
    urlOrPath: string | URL,
    options: TargetOptions | undefined,
  ): Key<IoPayload<Incoming, Outgoing>> {
    const { baseUrl, redactUrl, websocket } = this.#config;
    const given = ownOptions(options, "acquire", ["protocols", "identity"]);
    const protocols = given.protocols === undefined
      ? websocket.protocols
      : resolveProtocols(given.protocols, "acquire.protocols");
    const identity = secretStringOption(given.identity, "acquire.identity") ??
      websocket.identity;
    const url = resolveAddress(urlOrPath, baseUrl);
    const address = toAddress(url, redactUrl);
    if (
      address.authorization !== undefined && websocket.factory === undefined &&
      !sendsHeaders()
    ) {
      throw new TypeError(
        "Invalid WebSocket address: userinfo becomes an Authorization header, " +
          "and this runtime's WebSocket cannot send headers",
      );
    }
    // JSON keeps the parts apart, whatever they contain.
    const name = JSON.stringify([url.href, protocols, identity]);
    return ensureKey(this.#ledger, name, { address, protocols, identity });
  }
}
