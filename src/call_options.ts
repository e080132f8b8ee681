import {
  callable,
  count,
  duration,
  flag,
  isDuration,
  isSignal,
  number,
  protocols,
  secretString,
  signal,
} from "./checks.ts";
import type { ResolvedConfig } from "./config.ts";
import {
  isObject,
  type OptionTable,
  readOptions,
  type Resolved,
} from "./option_table.ts";
import type {
  AcquireOptions,
  CloseOptions,
  MapOptions,
  ReceiveOptions,
  TargetOptions,
  WarmOptions,
} from "./options.ts";

function boundOptions(timeout: number) {
  return {
    signal,
    timeout: duration(timeout),
  } satisfies OptionTable<ReceiveOptions>;
}

/** What is not given is the pool's. */
function callOptions<Incoming, Outgoing>(
  { acquireTimeout, limits, websocket }: ResolvedConfig<Incoming, Outgoing>,
) {
  const bounds = boundOptions(acquireTimeout);
  const target = {
    protocols: protocols(websocket.protocols),
    identity: secretString(websocket.identity),
  } satisfies OptionTable<TargetOptions>;
  return {
    acquire: {
      ...bounds,
      ...target,
      fresh: flag,
      onReconnect: callable(),
    } satisfies OptionTable<AcquireOptions<Incoming, Outgoing>>,
    tryAcquire: target,
    warm: {
      ...bounds,
      ...target,
      count: count(1, 0),
    } satisfies OptionTable<WarmOptions>,
    map: {
      concurrency: count(limits.maxConnections, 1),
    } satisfies OptionTable<MapOptions>,
    close: {
      drainTimeout: duration(0),
      code: number(
        1_000,
        "1000 or an integer from 3000 to 4999",
        (code) =>
          code === 1_000 ||
          (Number.isInteger(code) && code >= 3_000 && code <= 4_999),
      ),
      reason: (given, name) => cutReason(secretString("")(given, name)),
    } satisfies OptionTable<CloseOptions>,
  };
}

/** The options of each call, made once for a pool: a call only reads them. */
export type CallTables<Incoming, Outgoing> = ReturnType<
  typeof callOptions<Incoming, Outgoing>
>;

export function createCallTables<Incoming, Outgoing>(
  config: ResolvedConfig<Incoming, Outgoing>,
): CallTables<Incoming, Outgoing> {
  return callOptions(config);
}

/** {@linkcode AcquireOptions}, checked and with their defaults. */
export type ResolvedAcquire<Incoming, Outgoing> = Resolved<
  CallTables<Incoming, Outgoing>["acquire"]
>;

/** {@linkcode CloseOptions}, likewise. */
export type ResolvedClose = Resolved<CallTables<unknown, unknown>["close"]>;

/** What a close frame can carry beside its code (RFC 6455, section 5.5). */
const LONGEST_REASON = 123;

/** Cuts at a whole character, so that what is left is valid UTF-8. */
export function cutReason(reason: string): string {
  const bytes = new Uint8Array(LONGEST_REASON);
  const { read } = new TextEncoder().encodeInto(reason, bytes);
  return reason.slice(0, read);
}

/** Bounds of a wait, checked. */
export type ResolvedWait = Resolved<ReturnType<typeof boundOptions>>;

/**
 * @throws {TypeError} If an option has the wrong type or an unknown name
 * @throws {RangeError} If an option is out of range
 */
export function resolveWait(
  options: ReceiveOptions | undefined,
  owner: string,
): ResolvedWait | undefined {
  if (options === undefined) return undefined;
  const own = ownBounds(options);
  if (own === undefined) {
    return readOptions(options, owner, boundOptions(Infinity));
  }
  const signal = own & SIGNAL ? options.signal : undefined;
  const timeout = own & TIMEOUT ? options.timeout : undefined;
  requireBounds(signal, timeout, owner);
  return { signal, timeout: timeout ?? Infinity };
}

/** What `ownBounds` finds. */
export const SIGNAL = 1;
export const TIMEOUT = 2;

const hasOwnProperty = Object.prototype.hasOwnProperty;

/**
 * Which bounds an object has, where it has nothing else: bounds that are right
 * are not looked up in a table, as the walk over it takes longer than all else
 * of an acquire. No bound is read, and nothing made: the caller reads what there
 * is.
 *
 * @returns `SIGNAL` and `TIMEOUT`, together or alone, 0 for neither, and nothing where only the table can tell
 */
export function ownBounds(given: ReceiveOptions): number | undefined {
  if (!isObject(given) || given.hasOwnProperty !== hasOwnProperty) {
    return undefined;
  }
  let own = 0;
  // Not `Object.keys`: a list made for each of many who wait costs more than it saves.
  for (const name in given) {
    // Not `Object.hasOwn`: V8 leaves the call of a method out where it asks what the loop knows.
    // deno-lint-ignore no-prototype-builtins -- it is the genuine one
    if (!given.hasOwnProperty(name)) continue;
    if (name === "signal") own |= SIGNAL;
    else if (name === "timeout") own |= TIMEOUT;
    else return undefined;
  }
  return own;
}

/** @throws {TypeError | RangeError} As `resolveWait`, for bounds that are wrong */
export function requireBounds(
  signal: AbortSignal | undefined,
  timeout: number | undefined,
  owner: string,
): void {
  const isRight = (signal === undefined || isSignal(signal)) &&
    (timeout === undefined || isDuration(timeout));
  if (!isRight) readOptions({ signal, timeout }, owner, boundOptions(0));
}
