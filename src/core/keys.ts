/**
 * The keys that the pool has a record of, and which of them fail or failed not
 * long ago.
 *
 * @module
 */
import { type FailureRecord, Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import type { Payload } from "./slot.ts";

/** The record of a name, made from `target` if there is none. */
export function ensureKey<P extends Payload>(
  ledger: Ledger<P>,
  name: string,
  target: P["target"],
): Key<P> {
  return ledger.keys.get(name) ?? attach(ledger, new Key<P>(name, target));
}

/** The record to use for one kept from an earlier look-up: the pool may have let go of it since. */
export function adoptKey<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): Key<P> {
  if (key.attached) return key;
  return ledger.keys.get(key.name) ?? attach(ledger, key);
}

/** Lets go of a record that nothing hangs on any more. */
export function dropIfUnused<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): void {
  if (
    key.size > 0 || key.waiting > 0 || key.warmers > 0 ||
    key.failed !== undefined || !key.attached
  ) return;
  key.attached = false;
  ledger.keys.delete(key.name);
}

export function recordFailure<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  record: FailureRecord<P>,
): void {
  const { failed } = ledger;
  key.failed = record;
  failed.delete(key);
  failed.add(key);
  ledger.revision++;
}

/** A dial of the key succeeded. What it did before is remembered for `resetAfter`. */
export function recordSuccess<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): void {
  const { failed } = key;
  if (failed === undefined) return;
  const { now: retryAt, limits } = ledger;
  const forgetAt = retryAt + limits.backoff.resetAfter;
  const record = { ...failed, isFailing: false, retryAt, forgetAt };
  recordFailure(ledger, key, record);
}

/**
 * Drops the failure records whose time is over. Called with every acquire that
 * waits, so that no timer is needed to forget: records come only from such
 * acquires.
 */
export function forgetFailures<P extends Payload>(ledger: Ledger<P>): void {
  for (const key of ledger.failed) {
    if (key.failed !== undefined && key.failed.forgetAt > ledger.now) return;
    if (key.waiting > 0 || key.handshakes > 0) continue;
    forget(ledger, key);
    dropIfUnused(ledger, key);
  }
}

/** Drops all failure records. @returns Whose they were */
export function clearFailures<P extends Payload>(ledger: Ledger<P>): Key<P>[] {
  const keys = [...ledger.failed];
  for (const key of keys) forget(ledger, key);
  return keys;
}

function forget<P extends Payload>({ failed }: Ledger<P>, key: Key<P>): void {
  key.failed = undefined;
  failed.delete(key);
}

function attach<P extends Payload>({ keys }: Ledger<P>, key: Key<P>): Key<P> {
  key.attached = true;
  keys.set(key.name, key);
  return key;
}
