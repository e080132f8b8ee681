import type { Logger } from "./options.ts";
import { describe } from "./thrown.ts";

type Level = keyof Logger;

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
    if (this.#logger === undefined) return;
    try {
      const result: unknown = this.#logger[level](message);
      if (result instanceof Promise) {
        result.catch((error) => this.#loggerFailed(error));
      }
    } catch (error) {
      this.#loggerFailed(error);
    }
  }

  /** For the logger, else for the console. */
  error(message: string): void {
    if (this.#logger !== undefined) this.log("error", message);
    else toConsole(message);
  }

  /** As {@linkcode error}, for what works but not as well as it could. */
  warn(message: string): void {
    if (this.#logger !== undefined) this.log("warn", message);
    else toConsole(message, "warn");
  }

  /** Once: a logger that throws is most likely to throw again. */
  #loggerFailed(thrown: unknown): void {
    if (this.#isLoggerBroken) return;
    this.#isLoggerBroken = true;
    toConsole(`The pool's logger threw: ${describe(thrown)}`);
  }
}

function toConsole(message: string, level: "error" | "warn" = "error"): void {
  // deno-lint-ignore no-console -- the last place where a failure of user code can be seen
  console[level](`@jetsocket/pool: ${message}`);
}
