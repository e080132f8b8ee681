import type { Refusal } from "../core/actions.ts";
import type { Limits } from "../core/limits.ts";
import type { Key } from "../core/key.ts";
import type { Payload } from "../core/slot.ts";
import { ConnectError, PoolExhaustedError } from "../errors.ts";
import type { PoolStats } from "../stats.ts";
import { type DialFailure, toConnectError } from "./dial_failure.ts";
import type { Target } from "./target.ts";

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
  const failed = key.failing;
  const failure = failed?.failure;
  const when = kind === "timeout"
    ? `within ${timeout} ms`
    : `without waiting (maxWaiting: ${limits.maxWaiting})`;
  return new PoolExhaustedError({
    message: `Cannot acquire ${shown} ${when}: ` +
      `${describeShortage(waitingFor, key, limits, stats)} ` +
      `(waiting: ${stats.waiting}). ${adviceFor(waitingFor, key, limits)}`,
    maxConnections: limits.maxConnections,
    timeout,
    reason: kind,
    waitingFor,
    stats,
    ...(failed === undefined || failure === undefined
      ? {}
      : { cause: toConnectError(failure, shown, failed.attempts) }),
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
    closeCode: last?.closeCode,
    fatal: false,
    timedOut: true,
    cause: last === undefined
      ? undefined
      : toConnectError(last, shown, attempts),
  });
}

function isKeyFull(key: FailingKey, limits: Limits): boolean {
  return key.size >= limits.maxConnectionsPerKey;
}

function describeShortage(
  waitingFor: Shortage["waitingFor"],
  key: FailingKey,
  limits: Limits,
  stats: PoolStats,
): string {
  if (waitingFor === "rate") {
    const { limit, interval } = limits.connectRate ?? {};
    return `connectRate allows ${limit} dials per ${interval} ms`;
  }
  if (waitingFor === "dial-slot") {
    return `all ${stats.connectingConnections} handshakes allowed at once are in flight`;
  }
  const { maxConnections, maxConnectionsPerKey } = limits;
  if (isKeyFull(key, limits)) {
    return `all ${maxConnectionsPerKey} connections of this key are in use`;
  }
  if (stats.activeConnections >= maxConnections) {
    return `all ${maxConnections} connections are leased`;
  }
  return `of ${maxConnections} connections ` +
    `${stats.activeConnections} are leased, ` +
    `${stats.connectingConnections} connecting, ` +
    `${stats.idleConnections} idle, ${stats.closingConnections} closing`;
}

function adviceFor(
  waitingFor: Shortage["waitingFor"],
  key: FailingKey,
  limits: Limits,
): string {
  if (waitingFor === "rate") return "Wait longer or keep more idle.";
  if (waitingFor === "dial-slot") return "Raise maxConnecting or wait longer.";
  return isKeyFull(key, limits)
    ? "Raise maxConnectionsPerKey or release earlier."
    : "Raise maxConnections or release earlier.";
}
