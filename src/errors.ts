import type { PoolStats } from "./stats.ts";

/** Which part of opening a connection failed. */
export type ConnectPhase = "resolve" | "dial" | "protocol" | "open-hook";

/**
 * The base of every error the pool makes itself.
 *
 * - `code` is a literal: narrow an {@linkcode AnyJetSocketError} with it.
 * - Messages carry redacted addresses, and never a secret or message content.
 * - `cause`, where there is one, is another error of the pool or plain data.
 */
export abstract class JetSocketError extends Error {
  /** What kind of failure this is. */
  abstract readonly code: string;
}

// Fields are filled by one `Object.assign`, hence the `!`. They are defined by
// their classes first: what somebody has put on `Object.prototype` sees
// nothing. The text and the cause, own by then, stay hidden from enumeration.

/** What an error is made of: its text, its fields, and its cause if it has one. */
type Details<Made extends JetSocketError> = Omit<
  Made,
  "code" | "name" | "stack"
>;

/**
 * An acquire found no connection: at its deadline, or at once with a full queue.
 *
 * - `cause` is the last {@linkcode ConnectError} of the key, if there was one.
 */
export class PoolExhaustedError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "POOL_EXHAUSTED";
  /** The name shown in stacks. */
  override readonly name = "PoolExhaustedError";
  /** The pool's limit, in connections. */
  readonly maxConnections!: number;
  /** The acquire's time limit, in ms. */
  readonly timeout!: number;
  /** Whether the time was over or the queue full. */
  readonly reason!: "timeout" | "queue-full";
  /** What the acquire was short of. */
  readonly waitingFor!: "slot" | "dial-slot" | "rate";
  /** The pool at that moment. */
  readonly stats!: PoolStats;

  /**
   * Makes the error.
   *
   * @param details Its text, its fields, and its cause if it has one
   */
  constructor(
    details: Omit<Details<PoolExhaustedError>, "cause"> & {
      cause?: ConnectError;
    },
  ) {
    super(details.message, details);
    Object.assign(this, details);
  }
}

/** The pool is closed, or was closed while the call waited. */
export class PoolClosedError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "POOL_CLOSED";
  /** The name shown in stacks. */
  override readonly name = "PoolClosedError";
}

/** A connection could not be opened. */
export class ConnectError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "CONNECT_FAILED";
  /** The name shown in stacks. */
  override readonly name = "ConnectError";
  /** The address, redacted. */
  readonly url!: string;
  /** Which part failed. */
  readonly phase!: ConnectPhase;
  /** Failed attempts in a row at this key, this one included. */
  readonly attempts!: number;
  /** The code with which the socket closed, if it did. */
  readonly closeCode!: number | undefined;
  /** Whether another attempt is pointless. */
  readonly fatal!: boolean;
  /** Whether the time was over before the attempt ended by itself. */
  readonly timedOut!: boolean;

  /**
   * Makes the error.
   *
   * @param details Its text, its fields, and its cause if it has one
   */
  constructor(
    details: Omit<Details<ConnectError>, "closeCode"> & {
      closeCode?: number | undefined;
    },
  ) {
    super(details.message, details);
    Object.assign(this, details);
  }
}

/** An open connection was closed by the peer or the network. */
export class ConnectionLostError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "CONNECTION_LOST";
  /** The name shown in stacks. */
  override readonly name = "ConnectionLostError";
  /** The close code; 1006 where the connection ended without one. */
  readonly closeCode!: number;
  /** The peer's words, empty if there were none. */
  readonly closeReason!: string;
  /** Whether the peer ended the connection in good order. */
  readonly wasClean!: boolean;

  /**
   * Makes the error.
   *
   * @param details Its text, its fields, and its cause if it has one
   */
  constructor(details: Details<ConnectionLostError>) {
    super(details.message, details);
    Object.assign(this, details);
  }
}

/** The peer fell silent: no answer to a heartbeat, or nothing at all for too long. */
export class HeartbeatTimeoutError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "HEARTBEAT_TIMEOUT";
  /** The name shown in stacks. */
  override readonly name = "HeartbeatTimeoutError";
  /** How long nothing had come in, in ms. */
  readonly silence!: number;

  /**
   * Makes the error.
   *
   * @param details Its text, its fields, and its cause if it has one
   */
  constructor(details: Details<HeartbeatTimeoutError>) {
    super(details.message, details);
    Object.assign(this, details);
  }
}

/** A lease was used after it was released: a bug of the caller. */
export class LeaseReleasedError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "LEASE_RELEASED";
  /** The name shown in stacks. */
  override readonly name = "LeaseReleasedError";
}

/** More messages arrived than the inbox may hold, under `overflow: "error"`. */
export class InboxOverflowError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "INBOX_OVERFLOW";
  /** The name shown in stacks. */
  override readonly name = "InboxOverflowError";
  /** The inbox's limit, in messages. */
  readonly capacity!: number;
  /** The inbox's limit, in bytes. */
  readonly maxBytes!: number;

  /**
   * Makes the error.
   *
   * @param details Its text, its fields, and its cause if it has one
   */
  constructor(details: Details<InboxOverflowError>) {
    super(details.message, details);
    Object.assign(this, details);
  }
}

/**
 * A message that the codec could not decode, or the schema refused.
 *
 * - The lease lives: the next read goes on with the next message.
 * - Neither the text nor the fields quote the message.
 */
export class InvalidMessageError extends JetSocketError {
  /** The literal that identifies this error. */
  readonly code = "INVALID_MESSAGE";
  /** The name shown in stacks. */
  override readonly name = "InvalidMessageError";
  /** Size of the message, in bytes (text: in UTF-16 code units). */
  readonly size!: number;
  /** Where the schema refused it: paths, not values. Empty if it could not be decoded. */
  readonly issues!: readonly string[];

  /**
   * Makes the error.
   *
   * @param details Its text, its fields, and its cause if it has one
   */
  constructor(details: Details<InvalidMessageError>) {
    super(details.message, details);
    Object.assign(this, details);
  }
}

/** Every error class of the pool, to be narrowed by its `code`. */
export type AnyJetSocketError =
  | PoolExhaustedError
  | PoolClosedError
  | ConnectError
  | ConnectionLostError
  | HeartbeatTimeoutError
  | LeaseReleasedError
  | InboxOverflowError
  | InvalidMessageError;
