/** One small fault, sown into the library to see whether the tests notice. */
export interface Mutant {
  /** Unique, and stable: the script takes it as an argument. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** The exact text to replace; it stands once in the file. */
  readonly find: string;
  readonly replacement: string;
  /** What a user would suffer from it. */
  readonly breaks: string;
}

/**
 * The text with the fault in it.
 *
 * @throws {Error} If the text to replace does not stand there exactly once: the source has changed, and the mutant has to follow
 */
export function sow(
  { name, file, find, replacement }: Mutant,
  text: string,
): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    const count = parts.length - 1;
    throw new Error(
      `Mutant "${name}" is out of date: its text stands ${count} times in ${file}`,
    );
  }
  if (find === replacement) {
    throw new Error(`Mutant "${name}" changes nothing`);
  }
  return parts.join(replacement);
}
