import { count, duration, finite, number, positiveDuration } from "./checks.ts";
import type { Limits } from "./core/limits.ts";
import { readOptions } from "./option_table.ts";
import type { ReconnectConfig } from "./options.ts";

/**
 * How failures are followed up. The backoff spaces the dials of a failing key
 * also where leases are not reconnected.
 *
 * @throws {TypeError | RangeError} As `resolveConfig`
 */
export function resolveReconnect(
  given: boolean | ReconnectConfig | undefined,
  name: string,
): Pick<Limits, "backoff" | "maxReconnectAttempts"> {
  const isOn = given !== undefined && given !== false;
  const { maxAttempts, ...backoff } = readOptions(
    typeof given === "boolean" ? undefined : given,
    name,
    {
      // Not 0: a factory that throws would be asked again in the same turn, for ever.
      minDelay: positiveDuration(1_000),
      maxDelay: duration(60_000),
      multiplier: finite(2, 1),
      jitter: number(1, "from 0 to 1", (given) => given >= 0 && given <= 1),
      maxAttempts: count(Infinity, 1),
      resetAfter: duration(60_000),
    },
  );
  const { minDelay, maxDelay } = backoff;
  if (minDelay > maxDelay) {
    throw new RangeError(
      `${name}.minDelay must not be above maxDelay, got ${minDelay} and ${maxDelay}`,
    );
  }
  return { backoff, maxReconnectAttempts: isOn ? maxAttempts : 0 };
}
