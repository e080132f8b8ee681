/** How often each thing happened: what a simulation never met it says nothing about. */
export class Tally {
  readonly #counts: Map<string, number> = new Map();

  count(name: string, times = 1): void {
    this.#counts.set(name, this.of(name) + times);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(other: Tally): void {
    for (const [name, times] of other.#counts) this.count(name, times);
  }

  /** Names with their counts, sorted. */
  get entries(): [string, number][] {
    return [...this.#counts].sort(([a], [b]) => a < b ? -1 : 1);
  }
}
