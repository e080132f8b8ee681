import { resolveAddress, toAddress } from "../address.ts";
import { ownOptions, secretStringOption } from "../checks.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Key } from "../core/key.ts";
import type { KeyTable } from "../core/key_table.ts";
import type { TargetOptions } from "../options.ts";
import { resolveProtocols } from "../websocket_config.ts";
import type { IoPayload } from "./payload.ts";
import { requireHeaders } from "./web_socket.ts";

/** Look-ups remembered at least, twice as many at most: tens of thousands of keys in turn are found without parsing. */
const GENERATION = 32_768;

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
    const known = this.#recent.get(urlOrPath);
    if (known !== undefined && known.attached) {
      this.#lastText = urlOrPath;
      return this.#last = known;
    }
    const key = this.#recall(urlOrPath) ?? this.#resolve(urlOrPath, undefined);
    this.#remember(urlOrPath, key);
    return key;
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
    if (address.authorization !== undefined) {
      requireHeaders(
        websocket.factory,
        "Invalid WebSocket address: userinfo is a header",
      );
    }
    // JSON keeps the parts apart, whatever they contain.
    const name = JSON.stringify([url.href, protocols, identity]);
    return this.#keys.ensure(name, { address, protocols, identity });
  }
}
