import {
  booleanOption,
  copyOwn,
  functionOption,
  positiveDurationOption,
  requireOptions,
} from "./checks.ts";
import type { HeartbeatPolicy } from "./core/heartbeat.ts";
import type { HeartbeatConfig, RawHeartbeat } from "./options.ts";

/** A heartbeat's options, checked and with the defaults. */
export interface ResolvedHeartbeat<Incoming, Outgoing> {
  readonly policy: HeartbeatPolicy;
  /** What is said and heard, in messages or in wire data. */
  readonly speech: HeartbeatConfig<Incoming, Outgoing>;
}

const OPTIONS = [
  "interval",
  "timeout",
  "ping",
  "isPong",
  "reply",
  "raw",
  "maxSilence",
] as const satisfies readonly (keyof RawHeartbeat)[];

const LONGEST_DEFAULT_TIMEOUT = 10_000;

/** @throws {TypeError | RangeError} As `resolveConfig` */
export function resolveHeartbeat<Incoming, Outgoing>(
  value: number | HeartbeatConfig<Incoming, Outgoing> | undefined,
): ResolvedHeartbeat<Incoming, Outgoing> | undefined {
  if (value === undefined) return undefined;
  const name = "websocket.heartbeat";
  const config: HeartbeatConfig<Incoming, Outgoing> = typeof value === "number"
    ? { interval: value }
    : value;
  requireOptions(config, name, OPTIONS);
  const speech = copyOwn(config, OPTIONS);
  booleanOption(speech.raw, `${name}.raw`);
  functionOption(speech.isPong, `${name}.isPong`);
  functionOption(speech.reply, `${name}.reply`);
  if (speech.isPong !== undefined && speech.ping === undefined) {
    throw new TypeError(`${name}.isPong needs ${name}.ping`);
  }
  const interval = positiveDurationOption(
    speech.interval,
    `${name}.interval`,
    30_000,
  );
  const timeout = positiveDurationOption(
    speech.timeout,
    `${name}.timeout`,
    Math.min(LONGEST_DEFAULT_TIMEOUT, interval / 2),
  );
  if (timeout >= interval && interval !== Infinity) {
    throw new RangeError(
      `${name}.timeout must be below interval, got ${timeout} and ${interval}`,
    );
  }
  const maxSilence = positiveDurationOption(
    speech.maxSilence,
    `${name}.maxSilence`,
    Infinity,
  );
  return { policy: { interval, timeout, maxSilence }, speech };
}
