import {
  durationOption,
  numberOption,
  ownOptions,
  secretStringOption,
  signalOption,
} from "./checks.ts";
import type { CloseOptions } from "./options.ts";

/** {@linkcode CloseOptions}, checked and with their defaults. */
export interface ResolvedClose {
  readonly drainTimeout: number;
  readonly code: number;
  readonly reason: string;
}

/** What a close frame can carry beside its code (RFC 6455, section 5.5). */
const LONGEST_REASON = 123;

/**
 * @throws {TypeError} If an option has the wrong type or an unknown name
 * @throws {RangeError} If an option is out of range
 */
export function resolveClose(options: CloseOptions | undefined): ResolvedClose {
  const given = ownOptions(options, "close", [
    "drainTimeout",
    "code",
    "reason",
  ]);
  const code = numberOption(given.code, "close.code", 1_000, {
    minimum: 1_000,
    integer: true,
    finite: true,
  });
  if (code !== 1_000 && (code < 3_000 || code > 4_999)) {
    throw new RangeError(
      `close.code must be 1000 or from 3000 to 4999, got ${code}`,
    );
  }
  const reason = secretStringOption(given.reason, "close.reason") ?? "";
  return {
    drainTimeout: durationOption(given.drainTimeout, "close.drainTimeout", 0),
    code,
    reason: cutReason(reason),
  };
}

/** Cuts at a whole character, so that what is left is valid UTF-8. */
export function cutReason(reason: string): string {
  const bytes = new Uint8Array(LONGEST_REASON);
  const { read } = new TextEncoder().encodeInto(reason, bytes);
  return reason.slice(0, read);
}

/** Bounds of a wait, checked. */
export interface ResolvedWait {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
}

/**
 * @throws {TypeError} If an option has the wrong type or an unknown name
 * @throws {RangeError} If the timeout is out of range
 */
export function resolveWait(
  options: { signal?: AbortSignal; timeout?: number } | undefined,
  owner: string,
): ResolvedWait | undefined {
  if (options === undefined) return undefined;
  const given = ownOptions(options, owner, ["signal", "timeout"]);
  return {
    signal: signalOption(given.signal, `${owner}.signal`),
    timeout: durationOption(given.timeout, `${owner}.timeout`, Infinity),
  };
}
