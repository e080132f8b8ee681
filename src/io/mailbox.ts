import type { ResolvedWait } from "../call_options.ts";
import type { SendData } from "../options.ts";
import type { ResolvedWebSocket } from "../websocket_config.ts";
import type { Agenda } from "./agenda.ts";
import { boundRead, type Place } from "./bounded_read.ts";
import type { Translation } from "./codec.ts";
import {
  type GapReason,
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

/**
 * A connection as its leases use it: what came in and is unread, what waits to
 * go out, the signal, and the end of it all.
 */
export class Mailbox<Incoming> {
  readonly #inbox: Inbox<Incoming>;
  readonly #outbox: Outbox;
  readonly #place: Place;
  readonly #dropped: InboxOwner["dropped"];
  /** Why it can be used no longer, though a lease may still hold it. */
  #end: StreamEnd | undefined;
  /** Made when somebody asks for the lease's signal. */
  #abort: AbortController | undefined;

  constructor(
    { agenda, translation, websocket }: MailboxHost<Incoming>,
    shown: string,
    owner: InboxOwner & Outlet,
  ) {
    const { inbox, onInvalid, sendHighWaterMark } = websocket;
    this.#inbox = new Inbox(inbox, translation.decode, onInvalid, owner);
    this.#outbox = new Outbox(owner, sendHighWaterMark);
    this.#place = { agenda, shown };
    this.#dropped = (count, reason) => owner.dropped(count, reason);
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Whether a message would go out at once. */
  get hasRoom(): boolean {
    return this.#outbox.hasRoom;
  }

  /** Whether {@linkcode endLease} would find nothing to do. */
  get isQuiet(): boolean {
    return this.#inbox.size === 0 && this.#inbox.reader === undefined &&
      this.#abort === undefined && !this.#outbox.isWaiting;
  }

  push(letter: Letter<Incoming>): void {
    this.#inbox.push(letter);
  }

  judge(): void {
    this.#inbox.judge();
  }

  flush(): void {
    this.#outbox.flush();
  }

  send(data: SendData, wait: ResolvedWait | undefined): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
    return this.#outbox.sendBounded(data, wait, this.#place);
  }

  /** @throws {unknown} If it has ended, or the runtime refuses the data */
  trySend(data: SendData): boolean {
    if (this.#end !== undefined) throw this.#end.error;
    return this.#outbox.trySend(data);
  }

  receive(
    holder: object,
    wait: ResolvedWait | undefined,
  ): Promise<Incoming> {
    if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
    const begin = () => this.#inbox.receive(holder);
    return boundRead(this.#inbox, holder, wait, this.#place, begin);
  }

  next(holder: object): Promise<IteratorResult<Incoming>> {
    return this.#inbox.next(holder);
  }

  flow(
    deliver: (message: Incoming) => void,
    holder: object,
    wait: ResolvedWait | undefined,
  ): Promise<void> {
    if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
    const begin = () => this.#inbox.flow(deliver, holder);
    return boundRead(this.#inbox, holder, wait, this.#place, begin);
  }

  /** The signal of the present lease: aborts with its end. */
  signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#end !== undefined) this.#abort.abort(this.#end.error);
    }
    return this.#abort.signal;
  }

  /** Cuts a lease off that has ended. */
  endLease(error: Error, clean: boolean): void {
    // Whoever is told below may have leased the connection anew before it returns: first everything is taken, then told.
    const abort = this.#abort;
    this.#abort = undefined;
    const unread = this.#inbox.clear({ error, clean });
    this.#outbox.fail(error);
    if (unread > 0) this.#dropped(unread, "unread");
    abort?.abort(error);
  }

  get hasUnread(): boolean {
    return this.#inbox.size > 0;
  }

  /** Drops what came in while nobody held the connection. */
  discardUnread(end: StreamEnd, reason: GapReason): void {
    const count = this.#inbox.clear(end);
    if (count > 0) this.#dropped(count, reason);
  }

  /** Ends the stream: what came in can still be read. `tell` informs the pool. */
  end(end: StreamEnd, tell?: () => void): void {
    if (this.#end !== undefined) return;
    const abort = this.#abort;
    this.#end = end;
    this.#inbox.finish(end);
    this.#outbox.fail(end.error);
    tell?.();
    // Listeners run within `abort`: by now the pool's books are right.
    abort?.abort(end.error);
  }
}
