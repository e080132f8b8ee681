/** What a process holds at a moment at which it should hold nothing but itself. */
export interface Reading {
  /** Bytes on the heap that are in use, after a garbage collection. */
  readonly heap: number;
  /** Bytes of memory the system has given, heap and all. */
  readonly resident: number;
  /** Open file descriptors; undefined where the system does not tell. */
  readonly descriptors: number | undefined;
}

const MIB = 2 ** 20;

/** So many problems tell what is wrong. */
const MOST_TOLD = 10;

/** Collections until what finalizers let go of is gone too. */
const COLLECTIONS = 4;

/** Needs `--v8-flags=--expose-gc`. */
export async function readMeter(): Promise<Reading> {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect !== "function") {
    throw new Error("Run this with --v8-flags=--expose-gc");
  }
  for (let round = 0; round < COLLECTIONS; round++) {
    collect();
    // Finalizers run in turns of their own.
    await pause(20);
  }
  const { heapUsed: heap, rss: resident } = Deno.memoryUsage();
  return { heap, resident, descriptors: countDescriptors() };
}

function countDescriptors(): number | undefined {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Real time, which soaks are made of. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for something that comes to rest by itself. @throws {Error} If it does not */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Not within 30 s: ${what}`);
    await pause(10);
  }
}

/** Collects what is wrong, so that one soak tells of everything. */
export class Findings {
  readonly #problems: string[] = [];

  expect(isRight: boolean, problem: string): void {
    if (!isRight) this.#problems.push(problem);
  }

  /** What was held at `after` and not at `before`, within bounds. */
  expectFlat(before: Reading, after: Reading): void {
    const heap = (after.heap - before.heap) / MIB;
    this.expect(heap <= 2, `the heap grew by ${heap.toFixed(2)} MiB`);
    const more = (after.descriptors ?? 0) - (before.descriptors ?? 0);
    this.expect(more <= 0, `${more} more descriptors are open`);
  }

  /** @throws {Error} If anything was wrong */
  conclude(): void {
    const count = this.#problems.length;
    if (count === 0) return;
    const rest = count > MOST_TOLD ? ` and ${count - MOST_TOLD} more` : "";
    throw new Error(this.#problems.slice(0, MOST_TOLD).join("; ") + rest);
  }
}

/** `+0.12 MiB of heap, -1.50 MiB resident, +0 descriptors` */
export function growth(before: Reading, after: Reading): string {
  const heap = signed((after.heap - before.heap) / MIB, 2);
  const resident = signed((after.resident - before.resident) / MIB, 2);
  const more = (after.descriptors ?? 0) - (before.descriptors ?? 0);
  return `${heap} MiB of heap, ${resident} MiB resident, ` +
    `${signed(more, 0)} descriptors`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
}
