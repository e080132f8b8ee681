import { callable, flag, positiveDuration } from "./checks.ts";
import type { HeartbeatPolicy } from "./core/heartbeat.ts";
import { copyOwn, readOptions } from "./option_table.ts";
import type { HeartbeatConfig } from "./options.ts";

/** A heartbeat's options, checked and with the defaults. */
export interface ResolvedHeartbeat<Incoming, Outgoing> {
  readonly policy: HeartbeatPolicy;
  /** What is said and heard, in messages or in wire data. */
  readonly speech: HeartbeatConfig<Incoming, Outgoing>;
}

const LONGEST_DEFAULT_TIMEOUT = 10_000;

/** @throws {TypeError | RangeError} As `resolveConfig` */
export function resolveHeartbeat<Incoming, Outgoing>(
  given: number | HeartbeatConfig<Incoming, Outgoing> | undefined,
  name: string,
): ResolvedHeartbeat<Incoming, Outgoing> | undefined {
  if (given === undefined) return undefined;
  type Config = HeartbeatConfig<Incoming, Outgoing>;
  const speech: Config = copyOwn(
    typeof given === "number" ? { interval: given } : given,
    name,
  );
  // Which of its two kinds it is makes no difference to the checks.
  const config: Pick<Config, keyof Config> = speech;
  const { interval, maxSilence, ...resolved } = readOptions(config, name, {
    interval: positiveDuration(30_000),
    timeout: positiveDuration(undefined),
    maxSilence: positiveDuration(Infinity),
    raw: flag,
    ping: (given) => given,
    isPong: callable(),
    reply: callable(),
  });
  const timeout = resolved.timeout ??
    Math.min(LONGEST_DEFAULT_TIMEOUT, interval / 2);
  if (resolved.isPong !== undefined && resolved.ping === undefined) {
    throw new TypeError(`${name}.isPong needs ${name}.ping`);
  }
  if (timeout >= interval && interval !== Infinity) {
    throw new RangeError(
      `${name}.timeout must be below interval, got ${timeout} and ${interval}`,
    );
  }
  return { policy: { interval, timeout, maxSilence }, speech };
}
