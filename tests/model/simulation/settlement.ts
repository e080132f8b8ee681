import type { World } from "./world.ts";

/** What a promise may be rejected with: a reason why not, or undefined if it may. */
export type Judge = (error: unknown) => string | undefined;

interface Pending {
  readonly name: string;
  deadline: number;
  /** What a standstill may delay it by further, in ms: a time limit that begins when another ends. */
  readonly sequel: number;
}

/** The promises that the pool has given: each is settled once, in time, and with something it may be settled with. */
export class Settlement {
  readonly #world: World;
  readonly #pending: Set<Pending> = new Set();
  /** Looks at what callers are told. */
  onError: (error: unknown) => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes a promise into the books. @returns What stops the clock from running, or sets it */
  watch<T>(
    name: string,
    promise: Promise<T>,
    deadline: number,
    judge: Judge,
    onFulfilled: (value: T) => void = () => {},
    onRejected: (error: unknown) => void = () => {},
    sequel = 0,
  ): Pending {
    const pending = { name, deadline, sequel };
    this.#pending.add(pending);
    promise.then(
      (value) => {
        this.#pending.delete(pending);
        onFulfilled(value);
      },
      (error) => {
        this.#pending.delete(pending);
        this.#world.tally.count(`error: ${nameOf(error)}`);
        if (error instanceof Error && error.cause instanceof Error) {
          this.#world.tally.count(`cause: ${nameOf(error.cause)}`);
        }
        this.onError(error);
        const wrong = judge(error);
        if (wrong !== undefined) {
          this.#world.violated(`${name}: ${wrong}, got ${describe(error)}`);
        }
        onRejected(error);
      },
    );
    return pending;
  }

  /** Nobody waits beyond what was promised. */
  verify(): void {
    const { now, lenientUntil } = this.#world;
    if (now <= lenientUntil) return;
    for (const { name, deadline, sequel } of this.#pending) {
      if (now <= deadline || now <= lenientUntil + sequel) continue;
      this.#world.violated(`${name} was due at ${deadline}, it is ${now}`);
    }
  }

  /** The names of what is not settled. */
  get pending(): string[] {
    return [...this.#pending].map(({ name }) => name);
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error && typeof error.code === "string"
    ? error.code
    : error.name;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : "nothing";
}
