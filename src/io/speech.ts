import type { SendData, WireData } from "../options.ts";
import type { ResolvedHeartbeat } from "../heartbeat_config.ts";
import type { Translation } from "./codec.ts";
import { requireValue, sizeOf } from "./codec.ts";
import { Decoded, type Letter } from "./inbox.ts";

const ASYNC = "it is asynchronous";

/** What an arriving message turned out to be. */
export type Heard<Incoming> =
  | { readonly kind: "message"; readonly letter: Letter<Incoming> }
  | { readonly kind: "pong" }
  | { readonly kind: "ping"; readonly answer: SendData };

/**
 * The application's own pings and pongs: what is said, and which of the
 * arriving messages belong to them. The user's functions may throw: that is
 * reported, and the message goes its ordinary way.
 */
export class Speech<Incoming, Outgoing> {
  readonly #speech: ResolvedHeartbeat<Incoming, Outgoing>["speech"];
  readonly #translation: Translation<Incoming, Outgoing>;
  readonly #report: (what: string, thrown: unknown) => void;

  constructor(
    speech: ResolvedHeartbeat<Incoming, Outgoing>["speech"],
    translation: Translation<Incoming, Outgoing>,
    report: (what: string, thrown: unknown) => void,
  ) {
    this.#speech = speech;
    this.#translation = translation;
    this.#report = report;
  }

  /** Whether there is a message to ping with. */
  get canPing(): boolean {
    return this.#speech.ping !== undefined;
  }

  /** Whether arriving messages have to be looked at. */
  get listens(): boolean {
    return this.#speech.isPong !== undefined ||
      this.#speech.reply !== undefined;
  }

  /** The ping to send; undefined if the user's function fails. */
  ping(): SendData | undefined {
    const speech = this.#speech;
    try {
      if (speech.raw === true) {
        return typeof speech.ping === "function"
          ? requireValue(speech.ping(), ASYNC)
          : speech.ping;
      }
      const { ping } = speech;
      if (ping === undefined) return undefined;
      return this.#translation.encode(
        isFunction(ping) ? requireValue(ping(), ASYNC) : ping,
      );
    } catch (error) {
      this.#report("heartbeat.ping", error);
      return undefined;
    }
  }

  hear(data: WireData): Heard<Incoming> {
    const speech = this.#speech;
    if (speech.raw === true) {
      if (this.#test(speech.isPong, data)) return { kind: "pong" };
      const answer = this.#answer(speech.reply, data);
      return answer === undefined
        ? { kind: "message", letter: data }
        : { kind: "ping", answer };
    }
    let message: Incoming;
    try {
      message = this.#translation.decode(data);
    } catch {
      // It is thrown again at whoever reads it.
      return { kind: "message", letter: data };
    }
    if (this.#test(speech.isPong, message)) return { kind: "pong" };
    const { reply } = speech;
    const answer = this.#answer(
      reply && ((heard: Incoming) => {
        const reaction = requireValue(reply(heard), ASYNC);
        return reaction === undefined
          ? undefined
          : this.#translation.encode(reaction);
      }),
      message,
    );
    return answer === undefined
      ? { kind: "message", letter: new Decoded(message, sizeOf(data)) }
      : { kind: "ping", answer };
  }

  #test<T>(isPong: ((heard: T) => boolean) | undefined, heard: T): boolean {
    if (isPong === undefined) return false;
    try {
      return requireValue(isPong(heard), ASYNC) === true;
    } catch (error) {
      this.#report("heartbeat.isPong", error);
      return false;
    }
  }

  #answer<T>(
    reply: ((heard: T) => SendData | undefined) | undefined,
    heard: T,
  ): SendData | undefined {
    if (reply === undefined) return undefined;
    try {
      return requireValue(reply(heard), ASYNC);
    } catch (error) {
      this.#report("heartbeat.reply", error);
      return undefined;
    }
  }
}

/** A ping given as a function is called for each ping. */
function isFunction<T>(value: T | (() => T)): value is () => T {
  return typeof value === "function";
}
