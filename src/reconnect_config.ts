import {
  countOption,
  durationOption,
  numberOption,
  ownOptions,
  positiveDurationOption,
} from "./checks.ts";
import type { BackoffPolicy } from "./core/backoff.ts";
import type { ReconnectConfig, WebSocketConfig } from "./options.ts";

/** How failures are followed up, checked and with the defaults. */
export interface ResolvedReconnect {
  /** Spaces the dials of a failing key, also where leases are not reconnected. */
  readonly backoff: BackoffPolicy;
  /** 0 where leases end with their sockets. */
  readonly maxAttempts: number;
}

const OPTIONS = [
  "minDelay",
  "maxDelay",
  "multiplier",
  "jitter",
  "maxAttempts",
  "resetAfter",
] as const satisfies readonly (keyof ReconnectConfig)[];

/** @throws {TypeError | RangeError} As `resolveConfig` */
export function resolveReconnect(
  value: WebSocketConfig["reconnect"],
): ResolvedReconnect {
  const name = "websocket.reconnect";
  const isOn = value !== undefined && value !== false;
  const given = ownOptions(
    typeof value === "boolean" ? undefined : value,
    name,
    OPTIONS,
  );
  // Not 0: a factory that throws would be asked again in the same turn, for ever.
  const minDelay = positiveDurationOption(
    given.minDelay,
    `${name}.minDelay`,
    1_000,
  );
  const maxDelay = durationOption(given.maxDelay, `${name}.maxDelay`, 60_000);
  if (minDelay > maxDelay) {
    throw new RangeError(
      `${name}.minDelay must not be above maxDelay, got ${minDelay} and ${maxDelay}`,
    );
  }
  const jitter = numberOption(given.jitter, `${name}.jitter`, 1, {
    minimum: 0,
    finite: true,
  });
  if (jitter > 1) {
    throw new RangeError(`${name}.jitter must be from 0 to 1, got ${jitter}`);
  }
  const maxAttempts = countOption(
    given.maxAttempts,
    `${name}.maxAttempts`,
    Infinity,
    1,
  );
  return {
    backoff: {
      minDelay,
      maxDelay,
      multiplier: numberOption(given.multiplier, `${name}.multiplier`, 2, {
        minimum: 1,
        finite: true,
      }),
      jitter,
      resetAfter: durationOption(
        given.resetAfter,
        `${name}.resetAfter`,
        60_000,
      ),
    },
    maxAttempts: isOn ? maxAttempts : 0,
  };
}
