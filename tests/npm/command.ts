/**
 * Runs a program to its end.
 *
 * @module
 */

/** What the build and its checks set about a run. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What went wrong, with everything the program said. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Runs a program, and gives what it printed on standard output.
 *
 * @throws {CommandError} If it fails: standard output and error are its message
 */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...options,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (code === 0) return said;
  throw new CommandError(
    `"${program} ${args.join(" ")}" failed with ${code}:\n${said}${
      new TextDecoder().decode(stderr)
    }`,
  );
}

/** Runs Deno itself, the one that runs this. */
export function runDeno(
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  return run(Deno.execPath(), args, options);
}
