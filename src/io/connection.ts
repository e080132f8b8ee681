import { type Slot, SlotState } from "../core/slot.ts";
import type { HeartbeatTimeoutError, InboxOverflowError } from "../errors.ts";
import type { AcquireOptions, HookContext, SendData } from "../options.ts";
import type { ConnectionStats } from "../stats.ts";
import { sizeOf } from "./codec.ts";
import type { Outage } from "./dial_failure.ts";
import type { DialRequest } from "./dial_request.ts";
import type { Driver } from "./driver.ts";
import type { GapReason, InboxOwner, Letter } from "./inbox.ts";
import {
  heartbeatTimeout,
  isCleanEnd,
  leaseReleased,
  lossError,
  poolClosed,
} from "./lease_errors.ts";
import { Link, type LinkOwner } from "./link.ts";
import type { LingeringSocket } from "./lingering.ts";
import { Mailbox } from "./mailbox.ts";
import type { Outlet } from "./outbox.ts";
import type { IoPayload } from "./payload.ts";
import { hasRoom, isOpen, type Socket, type SocketEnd } from "./socket.ts";
import { Traffic } from "./traffic.ts";
import { Visit } from "./visit.ts";
import { openWebSocket } from "./web_socket.ts";
import { toWireData } from "./wire_data.ts";

/**
 * One pooled connection: what came in and is unread, what waits to go out, and
 * the link it goes over. It tells its host what happens, and decides nothing
 * about the pool.
 */
export class Connection<Incoming, Outgoing>
  implements LinkOwner, InboxOwner, Outlet {
  readonly slot: Slot<IoPayload<Incoming, Outgoing>>;
  readonly host: Driver<Incoming, Outgoing>;
  readonly traffic: Traffic = new Traffic();
  /** The present lease's handle, until the next tick registers it with the garbage collector (4.11). */
  handle: object | undefined = undefined;
  /** When the present lease began, and the stack of its acquire where leaks are looked for. */
  leasedAt = 0;
  leaseStack: string | undefined = undefined;
  /** The present lease's resubscription. */
  onReconnect: AcquireOptions<Incoming, Outgoing>["onReconnect"] = undefined;
  reconnects = 0;
  /** What made the present or last reconnect necessary. */
  outage: Outage | undefined = undefined;
  /** Settled when the reset under way is over, if somebody waits for that. */
  resetEnd: PromiseWithResolvers<void> | undefined = undefined;
  readonly #link: Link;
  #mailbox: Mailbox<Incoming> | undefined;
  /** The socket that a lease may use: none while a dial's hooks run, between two sockets, and once it is to close or has closed. */
  #usable: Socket["raw"] | undefined;
  /** Hooks that have the connection to themselves. */
  #visit: Visit<Incoming, Outgoing> | undefined;
  /** Ends the dial, probe or reset under way. */
  #operation: AbortController | undefined;
  /** By the last tick; a number from the start: a field that changes its kind costs an allocation with each message. */
  #lastMessageAt = -Infinity;
  #silence: HeartbeatTimeoutError | undefined;
  #revokedLease = 0;

  constructor(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    host: Driver<Incoming, Outgoing>,
  ) {
    this.slot = slot;
    this.host = host;
    this.#link = new Link(this);
  }

  /** What a lease reads from and sends through: made when it is needed for the first time. */
  get mailbox(): Mailbox<Incoming> {
    return this.#mailbox ??= new Mailbox(this.host, this);
  }

  /** Whether a lease can use it no longer, be its socket open. */
  get isEnded(): boolean {
    return this.#mailbox?.isEnded === true;
  }

  get id(): number {
    return this.slot.id;
  }

  /** The address, redacted. */
  get shown(): string {
    return this.slot.key.target.address.shown;
  }

  get identity(): string {
    return this.slot.key.target.identity;
  }

  get protocol(): string {
    return this.#link.protocol;
  }

  get isLeased(): boolean {
    return this.slot.isLeased;
  }

  get hasPing(): boolean {
    return this.host.speech?.canPing === true;
  }

  /** Whether a lease can send at this moment. */
  get isOpen(): boolean {
    return isOpen(this.#usable);
  }

  /** Whether there is no socket left to close. */
  get isClosed(): boolean {
    return this.#link.isClosed;
  }

  get socketEnd(): SocketEnd | undefined {
    return this.#link.end;
  }

  get bufferedAmount(): number {
    return this.#link.unsent;
  }

  get latency(): number | undefined {
    return this.#link.latency?.last;
  }

  /** Whether it can serve another lease. */
  get isReusable(): boolean {
    return !this.#mailbox?.hasSenders &&
      hasRoom(this.#usable, this.host.websocket.sendHighWaterMark);
  }

  // Operations: a dial, a probe, a reset; one at a time

  /** Begins an operation. @returns The signal that ends it */
  begin(): AbortSignal {
    this.#operation = new AbortController();
    return this.#operation.signal;
  }

  /** Begins a dial: what became of the socket before is of no more concern. */
  beginDial(): AbortSignal {
    this.#usable = undefined;
    this.#link.reset();
    return this.begin();
  }

  /** Ends the operation; unread answers of its hooks go to the lease, or are dropped. */
  finish(unread: "keep" | GapReason): void {
    const letters = this.#visit?.end() ?? [];
    this.#visit = undefined;
    this.#operation = undefined;
    if (unread === "keep") {
      for (const letter of letters) this.mailbox.push(letter);
    } else {
      this.dropped(letters.length, unread);
    }
  }

  abort(why: "timeout" | "unwanted"): void {
    const reason = why === "timeout"
      ? new DOMException("The pool's time limit was reached", "TimeoutError")
      : new DOMException("The pool has no more use for it", "AbortError");
    this.#operation?.abort(reason);
    this.#link.giveUp(reason);
  }

  /** Opens a socket. @throws {unknown} What the constructor or the factory throws */
  connect(
    request: DialRequest,
    signal: AbortSignal,
    willVisit: boolean,
  ): Promise<void> {
    if (willVisit) this.#beginVisit();
    const raw = openWebSocket(this.host.websocket.factory, request);
    return this.#link.connect(raw, signal);
  }

  /** Runs a hook within the operation. */
  runHook<Result>(
    hook: (
      context: HookContext<Incoming, Outgoing>,
    ) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#beginVisit().run(hook);
  }

  /**
   * The dial is done, and in the pool's books: a lease may use the new socket.
   * Not before: a sender goes on from here, and may release the lease at once.
   */
  becomeReady(): void {
    this.#usable = this.#link.raw;
    this.#silence = undefined;
    const { heartbeat } = this.host.websocket;
    if (heartbeat !== undefined) {
      if (!this.#link.canPing) this.host.cannotPing();
      this.#link.startPulse(this.host.agenda, heartbeat.policy);
    }
    this.#mailbox?.flush();
  }

  /** Whether the peer can be asked for a sign of life. */
  get canProbe(): boolean {
    return this.#link.canPing;
  }

  probe(signal: AbortSignal): Promise<boolean> {
    return this.#link.probe(signal);
  }

  encode(message: Outgoing): SendData {
    return this.host.translation.encode(message);
  }

  /** Cuts the connection off from a lease that has ended. */
  endLease(error: Error, clean: boolean, tell?: () => void): void {
    this.handle = undefined;
    this.onReconnect = undefined;
    this.mailbox.endLease(error, clean, tell);
  }

  /** Ends the lease by force, for the pool is closed. */
  revoke(lease: number): void {
    this.#revokedLease = lease;
    this.endLease(poolClosed(this.shown), false);
  }

  /** What the use of a dead lease is answered with. */
  reasonItEnded(lease: number): Error {
    return lease === this.#revokedLease
      ? poolClosed(this.shown)
      : leaseReleased(this.shown);
  }

  /** Takes out what came in while nobody held the connection. @returns How many messages, to be told as dropped */
  takeUnread(): number {
    return this.#mailbox?.takeUnread(leaseReleased(this.shown)) ?? 0;
  }

  /** Whether {@linkcode endLease} would find nothing to do. */
  get isQuiet(): boolean {
    return this.onReconnect === undefined && this.#mailbox?.isQuiet !== false;
  }

  /** Whether a release has nothing to undo, and the next lease can have it at once. */
  isPlain(): boolean {
    // Not `isQuiet`: one call less on a hot path. Nor a getter: V8 does not know
    // how often those are called, and leaves them to the last when it inlines.
    const mailbox = this.#mailbox;
    return this.onReconnect === undefined &&
      (mailbox === undefined || mailbox.isQuiet) &&
      hasRoom(this.#usable, this.host.websocket.sendHighWaterMark);
  }

  stats(): ConnectionStats {
    const now = this.host.agenda.clock.now();
    const silence = now - this.#lastMessageAt;
    return Object.freeze({
      ...this.traffic,
      reconnects: this.reconnects,
      latency: this.#link.latency,
      age: now - this.slot.openedAt,
      sinceLastMessage: silence === Infinity ? undefined : silence,
    });
  }

  /** The lease has lost the connection for good: what came in can still be read. */
  lose(cause: Error | undefined): void {
    this.#usable = undefined;
    const end = this.#link.end;
    const error = lossError(this, end, cause ?? this.#silence);
    this.mailbox.end({ error, clean: cause === undefined && isCleanEnd(end) });
  }

  // Socket

  /** Closes the socket: a normal closure (RFC 6455, section 7.4.1), unless told otherwise. */
  close(code = 1_000, reason = ""): void {
    this.#usable = undefined;
    this.#link.close(code, reason);
  }

  leaveSocket(
    onEnd: (lingering: LingeringSocket) => void,
  ): LingeringSocket | undefined {
    this.#usable = undefined;
    return this.#link.leave(onEnd);
  }

  transmit(data: SendData): void {
    this.#link.transmit(data);
    const size = sizeOf(data);
    this.traffic.countSent(size);
    this.host.traffic.countSent(size);
  }

  flushSoon(): void {
    this.host.flushSoon(this.mailbox);
  }

  makePing(): SendData | undefined {
    return this.host.speech?.ping();
  }

  linkReceived(data: unknown): void {
    const wire = toWireData(data);
    const size = wire === undefined ? 0 : sizeOf(wire);
    this.traffic.countReceived(size);
    this.host.traffic.countReceived(size);
    this.#lastMessageAt = this.host.ledger.tickedAt;
    const { speech } = this.host;
    if (wire === undefined) {
      this.dropped(1, "invalid");
    } else if (speech === undefined || !speech.listens) {
      this.#deliver(wire);
    } else {
      const heard = speech.hear(wire);
      if (heard.kind === "message") this.#deliver(heard.letter);
      else {
        if (heard.kind === "pong") this.#link.ponged();
        else this.#answer(heard.answer);
        this.host.spoke(this);
      }
    }
  }

  linkReceivedLate(): void {
    this.traffic.countReceived(0);
    this.host.traffic.countReceived(0);
    this.dropped(1, "late");
  }

  linkClosed(end: SocketEnd): void {
    this.#usable = undefined;
    const operation = this.#operation;
    this.host.socketClosed(this);
    // Listeners run within `abort`: by now the pool's books are right.
    operation?.abort(lossError(this, end, undefined));
  }

  linkSilent(silence: number): void {
    this.#usable = undefined;
    this.#silence = heartbeatTimeout(this.shown, silence);
    this.host.fellSilent(this);
  }

  judgeSoon(): void {
    this.host.agenda.after(0, () => this.mailbox.judge());
  }

  dropped(count: number, reason: GapReason): void {
    if (count === 0) return;
    this.traffic.messagesDropped += count;
    this.host.traffic.messagesDropped += count;
    this.host.gap(this, count, reason);
  }

  overflowed(error: InboxOverflowError): void {
    this.#usable = undefined;
    this.mailbox.end({ error, clean: false }, () => this.host.spoiled(this));
  }

  #beginVisit(): Visit<Incoming, Outgoing> {
    if (this.#visit !== undefined) return this.#visit;
    const operation = this.#operation ?? new AbortController();
    this.#visit = new Visit(this, this.host, this.#link, operation);
    return this.#visit;
  }

  /** To the hooks that are running, the lease, or nobody. */
  #deliver(letter: Letter<Incoming>): void {
    const { state } = this.slot;
    if (this.#visit !== undefined) {
      this.#visit.hear(letter);
    } else if (state === SlotState.idle || state === SlotState.probing) {
      // The books first: a listener of the gap may lease this very connection.
      this.host.heardWhileIdle(this);
      this.dropped(1, "idle");
    } else if (state === SlotState.resetting) {
      // The hook is done, and the core has not heard of it yet.
      this.dropped(1, "unread");
    } else {
      this.mailbox.push(letter);
    }
  }

  #answer(data: SendData): void {
    try {
      this.transmit(data);
    } catch {
      // A socket that takes no answer is on its way out, and says so itself.
    }
  }
}
