import type { Refusal } from "../core/actions.ts";
import type { Limits } from "../core/limits.ts";
import type { Key } from "../core/key.ts";
import type { Payload } from "../core/slot.ts";
import { ConnectError, PoolExhaustedError } from "../errors.ts";
import type { PoolStats } from "../stats.ts";
import { type DialFailure, toConnectError } from "./dial_failure.ts";
import type { Target } from "./payload.ts";

/** The core's refusals that speak of a shortage. */
export type Shortage = Extract<
  Refusal<Payload>,
  { kind: "timeout" | "queue-full" }
>;

/** What the errors of one key are made from. */
type FailingKey = Key<Payload & { target: Target; failure: DialFailure }>;

/** The error of an acquire that found the pool exhausted. */
export function toExhaustedError(
  { kind, waitingFor }: Shortage,
  key: FailingKey,
  limits: Limits,
  timeout: number,
  stats: PoolStats,
): PoolExhaustedError {
  const { shown } = key.target.address;
  const { failing } = key;
  const when = kind === "timeout"
    ? `within ${timeout} ms`
    : `without waiting (maxWaiting: ${limits.maxWaiting})`;
  const [shortage, advice] = describeShortage(waitingFor, key, limits, stats);
  return new PoolExhaustedError({
    message: `Cannot acquire ${shown} ${when}: ${shortage} ` +
      `(waiting: ${stats.waiting}). ${advice}.`,
    maxConnections: limits.maxConnections,
    timeout,
    reason: kind,
    waitingFor,
    stats,
    ...failing?.failure && {
      cause: toConnectError(failing.failure, shown, failing.attempts),
    },
  });
}

/** The error of an acquire whose own dial was not done at its deadline. */
export function toDialTimeoutError(
  key: FailingKey,
  attempts: number,
  timeout: number,
): ConnectError {
  const { shown } = key.target.address;
  const last = key.failing?.failure;
  const state = last === undefined
    ? "its dial was still under way"
    : `the last of ${attempts} failed attempts: ${last.why}`;
  return new ConnectError({
    message: `Cannot connect to ${shown} within ${timeout} ms: ${state}. ` +
      "Check the address and the server, or raise the acquire's timeout",
    url: shown,
    phase: last?.phase ?? "dial",
    attempts,
    closeCode: last?.end?.code,
    fatal: false,
    timedOut: true,
    ...last && { cause: toConnectError(last, shown, attempts) },
  });
}

/** What the pool is short of, and what to change. */
function describeShortage(
  waitingFor: Shortage["waitingFor"],
  key: FailingKey,
  { maxConnections, maxConnectionsPerKey, connectRate }: Limits,
  stats: PoolStats,
): readonly [shortage: string, advice: string] {
  if (waitingFor === "rate") {
    const { limit, interval } = connectRate ?? {};
    return [
      `connectRate allows ${limit} dials per ${interval} ms`,
      "Wait longer or keep more idle",
    ];
  }
  if (waitingFor === "dial-slot") {
    return [
      `all ${stats.connectingConnections} handshakes allowed at once are in flight`,
      "Raise maxConnecting or wait longer",
    ];
  }
  if (key.size >= maxConnectionsPerKey) {
    return [
      `all ${maxConnectionsPerKey} connections of this key are in use`,
      "Raise maxConnectionsPerKey or release earlier",
    ];
  }
  return [
    stats.activeConnections >= maxConnections
      ? `all ${maxConnections} connections are leased`
      : `of ${maxConnections} connections ` +
        `${stats.activeConnections} are leased, ` +
        `${stats.connectingConnections} connecting, ` +
        `${stats.idleConnections} idle, ${stats.closingConnections} closing`,
    "Raise maxConnections or release earlier",
  ];
}
