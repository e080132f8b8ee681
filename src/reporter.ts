import type { Logger } from "./options.ts";
import { callGuarded, describe } from "./thrown.ts";

/** How much a line matters. */
export type Level = keyof Logger;

/** Reports to the user's logger, which may throw; what must not be lost goes to the console without one. */
export class Reporter {
  readonly #logger: Logger | undefined;
  #isLoggerBroken = false;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** Whether anybody reads details: texts for them need not be made otherwise. */
  get hasLogger(): boolean {
    return this.#logger !== undefined;
  }

  /** For the logger alone. */
  log(level: Level, message: string): void {
    callGuarded(
      () => this.#logger?.[level](message),
      (thrown) => this.#loggerFailed(thrown),
    );
  }

  /** For the logger, else for the console. */
  report(level: "error" | "warn", message: string): void {
    if (this.hasLogger) this.log(level, message);
    else toConsole(level, message);
  }

  /** Once: a logger that throws is most likely to throw again. */
  #loggerFailed(thrown: unknown): void {
    if (this.#isLoggerBroken) return;
    this.#isLoggerBroken = true;
    toConsole("error", `The pool's logger threw: ${describe(thrown)}`);
  }
}

function toConsole(level: "error" | "warn", message: string): void {
  // deno-lint-ignore no-console -- the last place where a failure of user code can be seen
  console[level](`@jetsocket/pool: ${message}`);
}
