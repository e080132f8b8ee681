import { type FailureRecord, Key } from "./key.ts";
import type { Payload } from "./slot.ts";

/** The keys the pool has a record of, and which of them fail or failed not long ago. */
export class KeyTable<P extends Payload> {
  readonly #byName: Map<string, Key<P>> = new Map();
  /** Keys with a record of failures, the longest untouched first. */
  readonly #failing: Set<Key<P>> = new Set();

  get all(): Iterable<Key<P>> {
    return this.#byName.values();
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Whether any key has a record of failures. */
  get hasFailures(): boolean {
    return this.#failing.size > 0;
  }

  /** The record of a name, made from `target` if there is none. */
  ensure(name: string, target: P["target"]): Key<P> {
    return this.#byName.get(name) ?? this.#attach(new Key<P>(name, target));
  }

  /** The record to use for one kept from an earlier look-up: the pool may have let go of it since. */
  adopt(key: Key<P>): Key<P> {
    if (key.attached) return key;
    return this.#byName.get(key.name) ?? this.#attach(key);
  }

  /** Lets go of a record that nothing hangs on any more. */
  dropIfUnused(key: Key<P>): void {
    if (
      key.size > 0 || key.waiting > 0 || key.warmers > 0 ||
      key.failed !== undefined || !key.attached
    ) return;
    key.attached = false;
    this.#byName.delete(key.name);
  }

  fail(key: Key<P>, record: FailureRecord<P>): void {
    key.failed = record;
    this.#failing.delete(key);
    this.#failing.add(key);
  }

  /** A dial of the key succeeded. What it did before is remembered for `resetAfter`. */
  succeeded(key: Key<P>, now: number, resetAfter: number): void {
    const { failed } = key;
    if (failed === undefined) return;
    const forgetAt = now + resetAfter;
    this.fail(key, { ...failed, isFailing: false, retryAt: now, forgetAt });
  }

  /**
   * Drops the failure records whose time is over. Called with every acquire
   * that waits, so that no timer is needed to forget: records come only from
   * such acquires.
   */
  forgetFailures(now: number): void {
    for (const key of this.#failing) {
      if (key.failed !== undefined && key.failed.forgetAt > now) return;
      if (key.waiting > 0 || key.handshakes > 0) continue;
      this.#forget(key);
      this.dropIfUnused(key);
    }
  }

  /** Drops all failure records. @returns Whose they were */
  clearFailures(): Key<P>[] {
    const keys = [...this.#failing];
    for (const key of keys) this.#forget(key);
    return keys;
  }

  #forget(key: Key<P>): void {
    key.failed = undefined;
    this.#failing.delete(key);
  }

  #attach(key: Key<P>): Key<P> {
    key.attached = true;
    this.#byName.set(key.name, key);
    return key;
  }
}
