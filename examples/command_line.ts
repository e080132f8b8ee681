/**
 * Reading the options of a program: strict, with messages for people.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** The command line is wrong; the message says where. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was given: named options, and the words that belong to none. */
export interface CommandLine<Name extends string> {
  readonly help: boolean;
  readonly options: { readonly [name in Name]?: string };
  readonly words: readonly string[];
}

/**
 * Reads `--name value` and `--name=value` for the given names, and `--help`.
 *
 * @throws {UsageError} for any other option and for a name without its value.
 */
export function readCommandLine<const Name extends string>(
  args: readonly string[],
  names: readonly Name[],
): CommandLine<Name> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(
        names.map((name) => [name, { type: "string" } as const]),
      ),
    },
    allowPositionals: true,
    // Not strict: the checks below word their own messages.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    if (name === "help") {
      if (inlineValue) throw new UsageError(`${rawName} takes no value`);
    } else if (!names.some((known) => known === name)) {
      throw new UsageError(`unknown option ${rawName}`);
    } else if (!value || (!inlineValue && value.startsWith("--"))) {
      throw new UsageError(`${rawName} needs a value`);
    }
  }
  const options: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = values[name];
    if (typeof value === "string") options[name] = value;
  }
  return { help: values.help === true, options, words: positionals };
}

/**
 * The number an option was given, or `undefined` if it was not given.
 *
 * @throws {UsageError} unless it is a whole number in the range.
 */
export function wholeNumber(
  name: string,
  text: string | undefined,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER
    ? `from ${min} up`
    : `from ${min} to ${max}`;
  throw new UsageError(`--${name} takes a whole number ${range}, not ${text}`);
}

/**
 * Runs a program to its end: the number it returns is the exit code, a
 * {@linkcode UsageError} goes to stderr and exits 2, any other error 1.
 * `Deno.exit` is not called: a program that leaves something open hangs.
 */
export async function runProgram(
  program: (args: readonly string[]) => Promise<number | void>,
): Promise<void> {
  try {
    Deno.exitCode = await program(Deno.args) ?? 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const usage = error instanceof UsageError;
    console.error(
      usage
        ? `${error.message} (--help shows the options)`
        : `${error.name}: ${error.message}`,
    );
    Deno.exitCode = usage ? 2 : 1;
  }
}

/**
 * Calls `callback` at the first Ctrl-C, until disposed of. A second Ctrl-C
 * finds no listener and ends the process, whatever the callback still does.
 */
export function onInterrupt(callback: () => void): Disposable {
  const remove = () => Deno.removeSignalListener("SIGINT", listener);
  const listener = () => {
    remove();
    callback();
  };
  Deno.addSignalListener("SIGINT", listener);
  return { [Symbol.dispose]: remove };
}
