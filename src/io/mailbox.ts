import type { ResolvedWait } from "../call_options.ts";
import type { SendData } from "../options.ts";
import type { ResolvedWebSocket } from "../websocket_config.ts";
import type { Agenda } from "./agenda.ts";
import { boundRead, type Place } from "./bounded_read.ts";
import type { Translation } from "./codec.ts";
import {
  Inbox,
  type InboxOwner,
  type Letter,
  type StreamEnd,
} from "./inbox.ts";
import { Outbox, type Outlet } from "./outbox.ts";

/** What a mailbox needs of the pool. */
interface MailboxHost<Incoming> {
  readonly agenda: Agenda;
  readonly translation: Pick<Translation<Incoming, never>, "decode">;
  readonly websocket: Pick<
    ResolvedWebSocket<Incoming, unknown>,
    "inbox" | "onInvalid" | "sendHighWaterMark"
  >;
}

/** Whose mailbox it is. */
interface MailboxOwner extends InboxOwner, Outlet {
  /** The address, redacted. */
  readonly shown: string;
}

/**
 * What the leases of a connection read from and send through, and the signal
 * of the present one. It outlives the sockets. Each part is made when it is
 * needed for the first time: thousands of idle connections have none.
 */
export class Mailbox<Incoming> {
  readonly #host: MailboxHost<Incoming>;
  readonly #owner: MailboxOwner;
  #inbox: Inbox<Incoming> | undefined;
  #outbox: Outbox | undefined;
  /** Why it can be used no longer, though a lease may still hold it. */
  #end: StreamEnd | undefined;
  /** Made when somebody asks for the lease's signal. */
  #abort: AbortController | undefined;

  constructor(host: MailboxHost<Incoming>, owner: MailboxOwner) {
    this.#host = host;
    this.#owner = owner;
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Whether {@linkcode endLease} would find nothing to do. */
  get isQuiet(): boolean {
    const inbox = this.#inbox;
    return (inbox === undefined || inbox.isQuiet) &&
      this.#abort === undefined && !this.hasSenders;
  }

  /** Whether somebody waits for room to send. */
  get hasSenders(): boolean {
    return this.#outbox?.isWaiting === true;
  }

  push(letter: Letter<Incoming>): void {
    (this.#inbox ?? this.#open()).push(letter);
  }

  judge(): void {
    this.#inbox?.judge();
  }

  flush(): void {
    this.#outbox?.flush();
  }

  send(data: SendData, wait: ResolvedWait | undefined): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
    const outbox = this.#outbox ?? this.#openOutbox();
    return wait === undefined
      ? outbox.send(data)
      : outbox.sendBounded(data, wait, this.#place);
  }

  /** @throws {unknown} If it has ended, or the runtime refuses the data */
  trySend(data: SendData): boolean {
    if (this.#end !== undefined) throw this.#end.error;
    return (this.#outbox ?? this.#openOutbox()).trySend(data);
  }

  receive(
    holder: object,
    wait: ResolvedWait | undefined,
  ): Promise<Incoming> {
    const inbox = this.#inbox ?? this.#open();
    if (wait === undefined) return inbox.receive(holder);
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
    const begin = () => inbox.receive(holder);
    return boundRead(inbox, holder, wait, this.#place, begin);
  }

  next(holder: object): Promise<IteratorResult<Incoming>> {
    return (this.#inbox ?? this.#open()).next(holder);
  }

  flow(
    deliver: (message: Incoming) => void,
    holder: object,
    wait: ResolvedWait | undefined,
  ): Promise<void> {
    if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
    const inbox = this.#inbox ?? this.#open();
    const begin = () => inbox.flow(deliver, holder);
    return boundRead(inbox, holder, wait, this.#place, begin);
  }

  /** The signal of the present lease: aborts with its end. */
  signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#end !== undefined) this.#abort.abort(this.#end.error);
    }
    return this.#abort.signal;
  }

  /** Cuts a lease off that has ended. `tell` is called before whatever else user code hears of. */
  endLease(error: Error, clean: boolean, tell?: () => void): void {
    // Whoever is told below may have leased the connection anew before it returns: first everything is taken, then told.
    const abort = this.#abort;
    this.#abort = undefined;
    const unread = this.#inbox?.clear({ error, clean }) ?? 0;
    this.#outbox?.fail(error);
    tell?.();
    this.#owner.dropped(unread, "unread");
    abort?.abort(error);
  }

  /** Takes out what nobody has read. @returns How many messages */
  takeUnread(error: Error): number {
    return this.#inbox?.clear({ error, clean: false }) ?? 0;
  }

  /** Ends the stream: what came in can still be read. `tell` informs the pool. */
  end(end: StreamEnd, tell?: () => void): void {
    if (this.#end !== undefined) return;
    const abort = this.#abort;
    this.#end = end;
    this.#inbox?.finish(end);
    this.#outbox?.fail(end.error);
    tell?.();
    // Listeners run within `abort`: by now the pool's books are right.
    abort?.abort(end.error);
  }

  #open(): Inbox<Incoming> {
    const { translation, websocket: { inbox, onInvalid } } = this.#host;
    const opened = new Inbox(inbox, translation.decode, onInvalid, this.#owner);
    if (this.#end !== undefined) opened.finish(this.#end);
    return this.#inbox = opened;
  }

  #openOutbox(): Outbox {
    const { sendHighWaterMark } = this.#host.websocket;
    return this.#outbox = new Outbox(this.#owner, sendHighWaterMark);
  }

  get #place(): Place {
    return { agenda: this.#host.agenda, shown: this.#owner.shown };
  }
}
