import { deadline } from "@std/async/deadline";
import { type ResolvedWait, resolveWait } from "../call_options.ts";
import { LeaseReleasedError } from "../errors.ts";
import type { HookContext, SendData } from "../options.ts";
import type { ResolvedWebSocket } from "../websocket_config.ts";
import type { Agenda } from "./agenda.ts";
import { boundRead } from "./bounded_read.ts";
import type { Translation } from "./codec.ts";
import type { Flushable } from "./driver.ts";
import { type GapReason, Inbox, type Letter } from "./inbox.ts";
import { Outbox, type Outlet } from "./outbox.ts";

/** The connection that is visited, as its hooks see and use it. */
interface Visited {
  dropped(count: number, reason: GapReason): void;
  transmit(data: SendData): void;
  readonly id: number;
  readonly shown: string;
  readonly identity: string;
  readonly protocol: string;
}

/** The way to the peer, as far as it concerns hooks. */
interface Outlink {
  readonly isOpen: boolean;
  readonly unsent: number;
}

/** What a visit needs of the pool. */
interface VisitHost<Incoming, Outgoing> {
  flushSoon(flushable: Flushable): void;
  readonly agenda: Agenda;
  readonly translation: Translation<Incoming, Outgoing>;
  readonly websocket: Pick<
    ResolvedWebSocket<Incoming, Outgoing>,
    "inbox" | "onInvalid" | "sendHighWaterMark"
  >;
}

/**
 * The time in which the user's hooks have a connection to themselves, with an
 * inbox and an outbox of their own: a lease that is being reconnected may have
 * a reader and senders waiting, who must neither take a hook's answers nor
 * send before it.
 */
export class Visit<Incoming, Outgoing> {
  readonly #visited: Visited;
  readonly #host: VisitHost<Incoming, Outgoing>;
  readonly #inbox: Inbox<Incoming>;
  readonly #outbox: Outbox;
  readonly #operation: AbortController;

  constructor(
    visited: Visited,
    host: VisitHost<Incoming, Outgoing>,
    link: Outlink,
    operation: AbortController,
  ) {
    this.#visited = visited;
    this.#host = host;
    this.#operation = operation;
    const { inbox, onInvalid, sendHighWaterMark } = host.websocket;
    this.#inbox = new Inbox(inbox, host.translation.decode, onInvalid, {
      judgeSoon: () => host.agenda.after(0, () => this.#inbox.judge()),
      dropped: (count, reason) => visited.dropped(count, reason),
      // A hook that does not read what it asked for fails.
      overflowed: (error) => operation.abort(error),
    });
    // The lease's own outlet is shut while hooks run: theirs is open as soon as the socket is.
    const outlet: Outlet = {
      get isOpen() {
        return link.isOpen;
      },
      get bufferedAmount() {
        return link.unsent;
      },
      transmit: (data) => visited.transmit(data),
      flushSoon: () => host.flushSoon(this),
    };
    this.#outbox = new Outbox(outlet, sendHighWaterMark);
  }

  flush(): void {
    this.#outbox.flush();
  }

  hear(letter: Letter<Incoming>): void {
    this.#inbox.push(letter);
  }

  /**
   * Runs a hook until it settles or the operation is aborted.
   *
   * - The context is inert afterwards, also for a hook that goes on.
   * - A hook that throws synchronously rejects like any other.
   */
  async run<Result>(
    hook: (
      context: HookContext<Incoming, Outgoing>,
    ) => Result | Promise<Result>,
  ): Promise<Result> {
    const validity = new AbortController();
    const { signal } = this.#operation;
    const context = this.#createContext(validity.signal);
    try {
      const result = Promise.resolve(context).then(hook);
      return await deadline(result, Infinity, { signal });
    } finally {
      validity.abort();
      const { reader } = this.#inbox;
      if (reader !== undefined) this.#inbox.cancel(reader, hookIsOver());
      this.#outbox.fail(hookIsOver());
    }
  }

  /** Ends the visit. @returns What came in and was not read */
  end(): Letter<Incoming>[] {
    const letters = this.#inbox.takeAll();
    this.#inbox.finish({ error: hookIsOver(), clean: false });
    return letters;
  }

  #createContext(validity: AbortSignal): HookContext<Incoming, Outgoing> {
    const { id, shown, identity, protocol } = this.#visited;
    const { agenda, translation } = this.#host;
    const place = { agenda, shown };
    // async: a call after the end rejects, as a lease's does.
    const whileValid = async <T>(call: () => Promise<T>): Promise<T> => {
      if (validity.aborted) throw hookIsOver();
      return await call();
    };
    const send = (data: SendData, wait: ResolvedWait | undefined) =>
      this.#outbox.sendBounded(data, wait, place);
    const context: HookContext<Incoming, Outgoing> = {
      id,
      url: shown,
      identity,
      protocol,
      signal: this.#operation.signal,
      send: (message, options) =>
        whileValid(() =>
          send(translation.encode(message), resolveWait(options, "send"))
        ),
      sendRaw: (data, options) =>
        whileValid(() => send(data, resolveWait(options, "sendRaw"))),
      receive: (options) =>
        whileValid(() => {
          const wait = resolveWait(options, "receive");
          wait?.signal?.throwIfAborted();
          const begin = () => this.#inbox.receive(context);
          return boundRead(this.#inbox, context, wait, place, begin);
        }),
    };
    return Object.freeze(context);
  }
}

function hookIsOver(): LeaseReleasedError {
  return new LeaseReleasedError(
    "The hook has settled: its connection can no longer be used through it",
  );
}
