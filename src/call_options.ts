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
import type { Limits } from "./core/limits.ts";
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

/** What is not given is the pool's, here and below. */
function targetOptions<Incoming, Outgoing>(
  { websocket }: ResolvedConfig<Incoming, Outgoing>,
) {
  return {
    protocols: protocols(websocket.protocols),
    identity: secretString(websocket.identity),
  } satisfies OptionTable<TargetOptions>;
}

function acquireOptions<Incoming, Outgoing>(
  config: ResolvedConfig<Incoming, Outgoing>,
) {
  return {
    ...boundOptions(config.acquireTimeout),
    ...targetOptions(config),
    fresh: flag,
    onReconnect: callable(),
  } satisfies OptionTable<AcquireOptions<Incoming, Outgoing>>;
}

function warmOptions<Incoming, Outgoing>(
  config: ResolvedConfig<Incoming, Outgoing>,
) {
  return {
    ...boundOptions(config.acquireTimeout),
    ...targetOptions(config),
    count: count(1, 0),
  } satisfies OptionTable<WarmOptions>;
}

function mapOptions({ maxConnections }: Limits) {
  return {
    concurrency: count(maxConnections, 1),
  } satisfies OptionTable<MapOptions>;
}

function closeOptions() {
  return {
    drainTimeout: duration(0),
    code: number(
      1_000,
      "1000 or an integer from 3000 to 4999",
      (code) =>
        code === 1_000 ||
        (Number.isInteger(code) && code >= 3_000 && code <= 4_999),
    ),
    reason: (given, name) => cutReason(secretString("")(given, name)),
  } satisfies OptionTable<CloseOptions>;
}

/** The tables that depend on the pool's options, made once: a call only reads them. */
export interface CallTables<Incoming, Outgoing> {
  readonly acquire: ReturnType<typeof acquireOptions<Incoming, Outgoing>>;
  readonly target: ReturnType<typeof targetOptions<Incoming, Outgoing>>;
  readonly warm: ReturnType<typeof warmOptions<Incoming, Outgoing>>;
}

export function createCallTables<Incoming, Outgoing>(
  config: ResolvedConfig<Incoming, Outgoing>,
): CallTables<Incoming, Outgoing> {
  return {
    acquire: acquireOptions(config),
    target: targetOptions(config),
    warm: warmOptions(config),
  };
}

/**
 * @throws {TypeError} If an option has the wrong type or an unknown name
 * @throws {RangeError} If an option is out of range
 */
export function resolveAcquire<Incoming, Outgoing>(
  options: AcquireOptions<Incoming, Outgoing>,
  { acquire }: CallTables<Incoming, Outgoing>,
): Resolved<CallTables<Incoming, Outgoing>["acquire"]> {
  return readOptions(options, "acquire", acquire);
}

/** @throws {TypeError | RangeError} As `resolveAcquire` */
export function resolveTryAcquire<Incoming, Outgoing>(
  options: TargetOptions,
  { target }: CallTables<Incoming, Outgoing>,
): Resolved<CallTables<Incoming, Outgoing>["target"]> {
  return readOptions(options, "tryAcquire", target);
}

/** @throws {TypeError | RangeError} As `resolveAcquire` */
export function resolveWarm<Incoming, Outgoing>(
  options: WarmOptions | undefined,
  { warm }: CallTables<Incoming, Outgoing>,
): Resolved<CallTables<Incoming, Outgoing>["warm"]> {
  return readOptions(options, "warm", warm);
}

/** @throws {TypeError | RangeError} As `resolveAcquire` */
export function resolveMap(
  options: MapOptions | undefined,
  limits: Limits,
): Resolved<ReturnType<typeof mapOptions>> {
  return readOptions(options, "map", mapOptions(limits));
}

/** {@linkcode CloseOptions}, checked and with their defaults. */
export type ResolvedClose = Resolved<ReturnType<typeof closeOptions>>;

/** @throws {TypeError | RangeError} As `resolveAcquire` */
export function resolveClose(options: CloseOptions | undefined): ResolvedClose {
  return readOptions(options, "close", closeOptions());
}

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

/** @throws {TypeError | RangeError} As `resolveAcquire` */
export function resolveWait(
  options: ReceiveOptions | undefined,
  owner: string,
): ResolvedWait | undefined {
  if (options === undefined) return undefined;
  return plainBounds(options, owner, Infinity) ??
    readOptions(options, owner, boundOptions(Infinity));
}

const hasOwnProperty = Object.prototype.hasOwnProperty;

/**
 * Bounds where nothing else is given: right ones are not looked up in the
 * table, as the walk over it takes longer than all else of an acquire.
 *
 * @returns Nothing, and no bound is read, where there is more than bounds
 * @throws {TypeError | RangeError} As `resolveAcquire`
 */
export function plainBounds(
  given: ReceiveOptions,
  owner: string,
  fallback: number,
): ResolvedWait | undefined {
  if (!isObject(given) || given.hasOwnProperty !== hasOwnProperty) {
    return undefined;
  }
  let hasSignal = false;
  let hasTimeout = false;
  // Not `Object.keys`: a list made for each of many who wait costs more than it saves.
  for (const name in given) {
    // Not `Object.hasOwn`: in such a loop V8 leaves the call of the method out.
    // deno-lint-ignore no-prototype-builtins -- it is the genuine one
    if (!given.hasOwnProperty(name)) continue;
    if (name === "signal") hasSignal = true;
    else if (name === "timeout") hasTimeout = true;
    else return undefined;
  }
  const signal = hasSignal ? given.signal : undefined;
  const timeout = hasTimeout ? given.timeout : undefined;
  const isRight = (signal === undefined || isSignal(signal)) &&
    (timeout === undefined || isDuration(timeout));
  return isRight
    ? { signal, timeout: timeout ?? fallback }
    : readOptions({ signal, timeout }, owner, boundOptions(fallback));
}
