import { deadline } from "@std/async/deadline";
import type { ResolvedWait } from "../call_options.ts";
import { type Slot, SlotState } from "../core/slot.ts";
import {
  ConnectionLostError,
  type ConnectPhase,
  type InboxOverflowError,
  LeaseReleasedError,
  PoolClosedError,
} from "../errors.ts";
import type { SendData, WireData } from "../options.ts";
import type { ConnectionStats } from "../stats.ts";
import { bounded } from "./bounded.ts";
import { sizeOf } from "./codec.ts";
import { describeFailure, type DialFailure } from "./dial_failure.ts";
import { runHook } from "./hook.ts";
import type { ConnectionHost } from "./host.ts";
import {
  type GapReason,
  Inbox,
  type InboxOwner,
  type StreamEnd,
} from "./inbox.ts";
import { Outbox, type Outlet } from "./outbox.ts";
import type { IoPayload } from "./payload.ts";
import { Socket, type SocketEnd, type SocketOwner } from "./socket.ts";
import { Traffic } from "./traffic.ts";

/** Thrown to leave a dial whose server chose no offered subprotocol. */
class WrongProtocol extends Error {}

/** Aborts an operation whose time is over. */
const TIMED_OUT = "TimeoutError";

/**
 * One pooled connection: its socket, what came in and is unread, what waits to
 * go out. It tells its host what happens, and decides nothing about the pool.
 */
export class Connection<Incoming, Outgoing>
  implements SocketOwner, InboxOwner, Outlet {
  readonly slot: Slot<IoPayload<Incoming, Outgoing>>;
  readonly traffic: Traffic = new Traffic();
  /** The present lease's handle, until the next tick registers it with the garbage collector (4.11). */
  handle: object | undefined = undefined;
  /** When the present lease began, and the stack of its acquire where leaks are looked for. */
  leasedAt = 0;
  leaseStack: string | undefined = undefined;
  readonly #host: ConnectionHost<Incoming, Outgoing>;
  readonly #inbox: Inbox<Incoming>;
  readonly #outbox: Outbox;
  readonly dialledAt: number;
  #openedAt = 0;
  #lastMessageAt: number | undefined;
  #socket: Socket | undefined;
  #opening: PromiseWithResolvers<void> | undefined;
  /** Ends the dial, probe or reset under way. */
  #operation: AbortController | undefined;
  #socketEnd: SocketEnd | undefined;
  /** Why the lease can use it no longer, though it may still hold it. */
  #end: StreamEnd | undefined;
  #revokedLease = 0;
  /** Made when somebody asks for the lease's signal. */
  #leaseAbort: AbortController | undefined;

  constructor(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    host: ConnectionHost<Incoming, Outgoing>,
  ) {
    this.slot = slot;
    this.#host = host;
    const { inbox, onInvalid, sendHighWaterMark } = host.websocket;
    this.#inbox = new Inbox(inbox, host.translation.decode, onInvalid, this);
    this.#outbox = new Outbox(this, sendHighWaterMark);
    this.dialledAt = host.agenda.clock.now();
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
    return this.#socket?.protocol ?? "";
  }

  /** Whether a lease came before the present or last one. */
  get isReused(): boolean {
    return this.slot.uses > 1;
  }

  get openedAt(): number {
    return this.#openedAt;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && this.#socket.isOpen &&
      this.#end === undefined;
  }

  /** Whether there is no socket left to close. */
  get isClosed(): boolean {
    return this.#socket === undefined || this.#socket.isClosed;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get socketEnd(): SocketEnd | undefined {
    return this.#socketEnd;
  }

  /** Whether it can serve another lease as it is. */
  get isReusable(): boolean {
    return this.#outbox.hasRoom;
  }

  // Dial, hooks

  /** Opens the socket and runs `onOpen`. @returns What went wrong, if anything did */
  async dial(attempt: number): Promise<DialFailure | undefined> {
    const { websocket } = this.#host;
    const { target } = this.slot.key;
    const signal = this.#beginOperation();
    let phase: ConnectPhase = "dial";
    try {
      this.#opening = Promise.withResolvers();
      this.#socket = new Socket(this.#host.openSocket(target), this);
      await deadline(this.#opening.promise, Infinity, { signal });
      phase = "protocol";
      if (!this.#hasOfferedProtocol(target.protocols)) {
        throw new WrongProtocol();
      }
      phase = "open-hook";
      const { onOpen } = websocket;
      if (onOpen !== undefined) {
        const context = { reconnected: false, attempt };
        await runHook(this, signal, (conn) => onOpen(conn, context));
      }
      this.#openedAt = this.#host.agenda.clock.now();
      return this.failureBeforeUse();
    } catch (error) {
      const isTimeout = signal.aborted && signal.reason?.name === TIMED_OUT;
      this.close(1_000, "");
      return describeFailure(
        phase,
        error,
        this.#socketEnd,
        signal.aborted,
        isTimeout,
      );
    } finally {
      this.#opening = undefined;
      this.#operation = undefined;
    }
  }

  /** What went wrong, if it closed after the dial and before it was used. */
  failureBeforeUse(): DialFailure | undefined {
    return this.isOpen
      ? undefined
      : describeFailure("dial", undefined, this.#socketEnd, false, false);
  }

  /** Runs the user's probe. @returns Whether it passed */
  async probe(): Promise<boolean> {
    const { healthCheck } = this.#host;
    if (healthCheck === undefined) return this.isReusable;
    return await this.#attempt((signal) =>
      runHook(this, signal, async (conn) => await healthCheck(conn) === true)
    );
  }

  /** Runs the user's reset. @returns Whether it went well */
  async reset(): Promise<boolean> {
    const { reset } = this.#host;
    if (reset === undefined) return true;
    return await this.#attempt((signal) =>
      runHook(this, signal, async (conn) => {
        await reset(conn);
        return true;
      })
    );
  }

  /** Ends the dial, probe or reset under way. */
  abortOperation(why: "timeout" | "unwanted"): void {
    this.#operation?.abort(
      why === "timeout"
        ? new DOMException("The pool's time limit was reached", TIMED_OUT)
        : new DOMException("The pool has no more use for it", "AbortError"),
    );
  }

  // Lease

  release(lease: number, isDiscarded: boolean): Promise<void> {
    return this.#host.release(this, lease, isDiscarded);
  }

  encode(message: Outgoing): SendData {
    return this.#host.translation.encode(message);
  }

  send(data: SendData, wait: ResolvedWait | undefined): Promise<void> {
    if (!this.isOpen) return Promise.reject(this.#reasonItIsGone());
    if (wait === undefined) return this.#outbox.send(data);
    return this.#sendBounded(data, wait);
  }

  /** @throws {unknown} If it is gone, or the runtime refuses the data */
  trySend(data: SendData): boolean {
    if (!this.isOpen) throw this.#reasonItIsGone();
    return this.#outbox.trySend(data);
  }

  receive(
    holder: object,
    wait: ResolvedWait | undefined,
  ): Promise<Incoming> {
    if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
    const message = this.#inbox.receive(holder);
    return this.#boundRead(wait, holder, message);
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
    const end = this.#inbox.flow(deliver, holder);
    return this.#boundRead(wait, holder, end);
  }

  /** Ends whatever read is pending, with a reason of its own. */
  cancelRead(reason: unknown): void {
    const { reader } = this.#inbox;
    if (reader !== undefined) this.#inbox.cancel(reader, reason);
  }

  /** The signal of the present lease: aborts with its end. */
  leaseSignal(): AbortSignal {
    if (this.#leaseAbort === undefined) {
      this.#leaseAbort = new AbortController();
      if (this.#end !== undefined) this.#leaseAbort.abort(this.#end.error);
    }
    return this.#leaseAbort.signal;
  }

  /** Cuts the connection off from a lease that has ended. */
  endLease(error: Error, clean: boolean): void {
    // Whoever is told below may have leased the connection anew before it returns: first everything is taken, then told.
    const abort = this.#leaseAbort;
    this.#leaseAbort = undefined;
    this.handle = undefined;
    const unread = this.#inbox.clear({ error, clean });
    this.#outbox.fail(error);
    if (unread > 0) this.dropped(unread, "unread");
    abort?.abort(error);
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

  /** Whether {@linkcode endLease} would find nothing to do. */
  get isQuiet(): boolean {
    return this.#inbox.size === 0 && this.#inbox.reader === undefined &&
      this.#leaseAbort === undefined && !this.#outbox.isWaiting;
  }

  get hasUnread(): boolean {
    return this.#inbox.size > 0;
  }

  /** Drops what came in while nobody held the connection. */
  clearInbox(reason: GapReason): void {
    const end = { error: this.#reasonItIsGone(), clean: false };
    const count = this.#inbox.clear(end);
    if (count > 0) this.dropped(count, reason);
  }

  stats(): ConnectionStats {
    const { agenda } = this.#host;
    const now = agenda.clock.now();
    const heardAt = this.#lastMessageAt;
    return Object.freeze({
      ...this.traffic,
      age: now - this.#openedAt,
      sinceLastMessage: heardAt === undefined ? undefined : now - heardAt,
    });
  }

  // Socket

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
    // What a hook left waiting: no room is ever made for it, and no end may come.
    this.#outbox.fail(this.#reasonItIsGone());
  }

  abandon(): void {
    this.#socket?.abandon();
  }

  detach(): void {
    this.#socket?.detach();
  }

  transmit(data: SendData): void {
    this.#socket?.send(data);
    const { traffic } = this.#host;
    const size = sizeOf(data);
    this.traffic.messagesSent++;
    this.traffic.bytesSent += size;
    traffic.messagesSent++;
    traffic.bytesSent += size;
  }

  flushSoon(): void {
    this.#host.flushSoon(this.#outbox);
  }

  socketOpened(): void {
    this.#opening?.resolve();
  }

  socketReceived(data: unknown): void {
    const wire = toWireData(data);
    this.#countReceived(wire === undefined ? 0 : sizeOf(wire));
    if (wire === undefined) {
      this.dropped(1, "invalid");
      return;
    }
    this.#lastMessageAt = this.#host.tickedAt;
    if (this.slot.state === SlotState.idle) {
      // The books first: a listener of the gap may lease this very connection.
      this.#host.heardWhileIdle(this);
      this.dropped(1, "idle");
    } else {
      this.#inbox.push(wire);
    }
  }

  socketReceivedLate(): void {
    this.#countReceived(0);
    this.dropped(1, "late");
  }

  socketClosed(end: SocketEnd): void {
    this.#socketEnd = end;
    const error = this.#lossOf(end);
    this.#finish({ error, clean: isCleanEnd(end) }, (reason) => {
      this.#opening?.reject(reason);
      this.#host.socketClosed(this);
    });
  }

  judgeSoon(): void {
    this.#host.agenda.after(0, () => this.#inbox.judge());
  }

  dropped(count: number, reason: GapReason): void {
    this.traffic.messagesDropped += count;
    this.#host.traffic.messagesDropped += count;
    this.#host.gap(this, count, reason);
  }

  overflowed(error: InboxOverflowError): void {
    this.#finish({ error, clean: false }, () => this.#host.spoiled(this));
  }

  #countReceived(size: number): void {
    const { traffic } = this.#host;
    this.traffic.messagesReceived++;
    this.traffic.bytesReceived += size;
    traffic.messagesReceived++;
    traffic.bytesReceived += size;
  }

  /** Ends everything that goes on over the socket; `tell` informs the pool. */
  #finish(end: StreamEnd, tell: (reason: Error) => void): void {
    const isFirst = this.#end === undefined;
    const operation = this.#operation;
    const lease = this.#leaseAbort;
    this.#end ??= end;
    this.#inbox.finish(this.#end);
    this.#outbox.fail(this.#end.error);
    tell(end.error);
    // Listeners run within `abort`: by now the pool's books are right.
    if (!isFirst) return;
    operation?.abort(end.error);
    lease?.abort(end.error);
  }

  #beginOperation(): AbortSignal {
    this.#operation = new AbortController();
    return this.#operation.signal;
  }

  async #attempt(
    run: (signal: AbortSignal) => Promise<boolean>,
  ): Promise<boolean> {
    try {
      return await run(this.#beginOperation()) && this.isReusable;
    } catch {
      // Why a probe or a reset failed is its author's to log: the pool needs only the outcome.
      return false;
    } finally {
      this.#operation = undefined;
    }
  }

  #boundRead<T>(
    wait: ResolvedWait | undefined,
    holder: object,
    read: Promise<T>,
  ): Promise<T> {
    const { reader } = this.#inbox;
    // Without a reader of this very lease the call is answered already.
    if (wait === undefined || reader?.holder !== holder) return read;
    const cancel = (reason: unknown) => this.#inbox.cancel(reader, reason);
    const attempted = `No message from ${this.shown}`;
    return bounded(this.#host.agenda, wait, attempted, read, cancel);
  }

  async #sendBounded(data: SendData, wait: ResolvedWait): Promise<void> {
    wait.signal?.throwIfAborted();
    if (this.#outbox.trySend(data)) return;
    const { promise, cancel } = this.#outbox.wait(data);
    const attempted = `No room to send to ${this.shown}`;
    await bounded(this.#host.agenda, wait, attempted, promise, cancel);
  }

  /** Deno opens a connection whatever subprotocol the server chose, so the choice is checked here. */
  #hasOfferedProtocol(offered: readonly string[]): boolean {
    return offered.length === 0
      ? this.protocol === ""
      : offered.includes(this.protocol);
  }

  #reasonItIsGone(): Error {
    return this.#end?.error ?? this.#lossOf(this.#socketEnd);
  }

  #lossOf(end: SocketEnd | undefined): ConnectionLostError {
    const { code, reason, wasClean } = end ??
      { code: 1006, reason: "", wasClean: false };
    const how = wasClean
      ? `the server closed it with code ${code}`
      : `it broke off (code ${code})`;
    return new ConnectionLostError({
      message: `Connection ${this.id} to ${this.shown} is lost: ${how}. ` +
        "Release the lease and acquire another",
      closeCode: code,
      closeReason: reason,
      wasClean,
    });
  }
}

export function leaseReleased(shown: string): LeaseReleasedError {
  return new LeaseReleasedError(
    `This lease of ${shown} has been released. Acquire another, or release later`,
  );
}

export function poolClosed(shown: string): PoolClosedError {
  return new PoolClosedError(
    `Cannot use ${shown}: the pool is closed`,
  );
}

/** The ends that finish a stream in good order (3.2). */
function isCleanEnd({ code, wasClean }: SocketEnd): boolean {
  return wasClean && (code === 1000 || code === 1001 || code === 1005);
}

/** `binaryType` asks for ArrayBuffers; a factory's socket may not heed it. What is neither text nor bytes is no message. */
function toWireData(data: unknown): WireData | undefined {
  if (typeof data === "string" || data instanceof ArrayBuffer) return data;
  if (!ArrayBuffer.isView(data)) return undefined;
  const { buffer, byteOffset, byteLength } = data;
  return new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}
