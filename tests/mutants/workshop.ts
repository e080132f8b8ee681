import { standardLibrary, VARIABLE } from "../offline/flags.ts";
import { IMPORT_MAP } from "../offline/flags.ts";
import { type Mutant, sow } from "./mutant.ts";

const ROOT = new URL("../../", import.meta.url);

/** What no test needs, or what git keeps for itself. */
const NOT_COPIED = [".git", "node_modules", "dist", "coverage"];

/** Memory of a test process, in MiB: a fault may fill what there is. */
const MEMORY_LIMIT = 2_000;

/** Some of the tests, run together. */
export interface Suite {
  readonly name: string;
  readonly args: readonly string[];
  /** A run that takes longer hangs, in ms. */
  readonly limit: number;
  /** Whether there are tests in it that a busy machine alone can fail. */
  readonly isTimed?: boolean;
}

const UNIT: Suite = {
  name: "unit",
  args: ["--parallel", "tests/unit"],
  limit: 180_000,
};
const MODEL: Suite = { name: "model", args: ["tests/model"], limit: 180_000 };
const ALL: Suite = {
  name: "all",
  args: ["--doc", "--parallel"],
  limit: 480_000,
  isTimed: true,
};

const SUITES: readonly Suite[] = [UNIT, MODEL, ALL];

/** How a run of tests ended. */
export type Verdict =
  | { readonly passed: true }
  | {
    readonly passed: false;
    /** The test file that failed, or how the run ended. */
    readonly by: string;
    /** What has to pass without the fault, for this to say anything of it. */
    readonly proof: Suite;
  };

/** A copy of the repository in which faults can be sown, one at a time. */
export class Workshop {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Workshop> {
    const folder = await Deno.makeTempDir({ prefix: "mutants-" });
    await copyFolder(ROOT, folder, NOT_COPIED);
    return new Workshop(folder);
  }

  async close(): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** The suites for a mutant: the tests of its own file first, then ever more. */
  async suitesFor({ file }: Mutant): Promise<Suite[]> {
    const near = file.startsWith("src/core/")
      ? "tests/unit/core"
      : file.replace(/^src\//, "tests/unit/").replace(/\.ts$/, "_test.ts");
    const exists = await Deno.stat(`${this.#folder}/${near}`)
      .then(() => true, () => false);
    if (!exists) return [...SUITES];
    return [{ name: "own", args: [near], limit: 60_000 }, ...SUITES];
  }

  /** Does something while the fault is in the copy. */
  async withFault<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = `${this.#folder}/${mutant.file}`;
    const sound = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, sow(mutant, sound));
    try {
      return await work();
    } finally {
      await Deno.writeTextFile(path, sound);
    }
  }

  /** Runs a suite until its first failure. */
  async run(suite: Suite): Promise<Verdict> {
    const { args, limit } = suite;
    const library = await standardLibrary();
    const mapped = library === "jsr" ? [] : [`--import-map=${IMPORT_MAP}`];
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-A",
        "--no-check",
        "--fail-fast",
        `--v8-flags=--max-old-space-size=${MEMORY_LIMIT}`,
        ...mapped,
        ...args,
      ],
      cwd: this.#folder,
      env: { [VARIABLE]: library, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      // One that is asked politely may be past listening.
      child.kill("SIGKILL");
    }, limit);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    if (isTooLate) {
      const by = `no end within ${limit / 1_000} s`;
      return { passed: false, by, proof: suite };
    }
    if (code === 0) return { passed: true };
    const decoder = new TextDecoder();
    const said = decoder.decode(stdout) + decoder.decode(stderr);
    const file = culprit(said);
    return file?.endsWith("_test.ts")
      ? { passed: false, by: file, proof: { ...suite, args: [file] } }
      : { passed: false, by: file ?? `exit code ${code}`, proof: suite };
  }
}

/** So often a failure that does not come again is put down to the machine. */
const TRIES = 3;

/** Runs a suite; where time is real, a failure counts if it comes again. */
export async function runSurely(
  workshop: Workshop,
  suite: Suite,
): Promise<Verdict> {
  for (let round = 0; round < TRIES; round++) {
    const verdict = await workshop.run(suite);
    if (verdict.passed || suite.isTimed !== true) return verdict;
    const again = await workshop.run(verdict.proof);
    if (!again.passed) return verdict;
  }
  return { passed: true };
}

/** What is known to pass while there is no fault. */
export class Soundness {
  readonly #sound = new Set<string>();

  /** @throws {Error} If the suite fails without a fault: then it proves nothing */
  async require(workshop: Workshop, suite: Suite): Promise<void> {
    const name = suite.args.join(" ");
    if (this.#sound.has(name)) return;
    const verdict = await workshop.run(suite);
    if (!verdict.passed) {
      throw new Error(`Without a fault, "${name}" fails: ${verdict.by}`);
    }
    this.#sound.add(name);
  }
}

/** The file of the first test that a run names as failed. */
export function culprit(output: string): string | undefined {
  const named = output.match(/ => (?:\.\/)?(\S+?):\d+:\d+/) ??
    output.match(/^(?:\.\/)?(\S+) \(uncaught error\)/m);
  return named?.[1];
}

/** A mutant whose place is gone would look like a survivor: all are looked at before the first runs. */
export async function checkAll(mutants: readonly Mutant[]): Promise<void> {
  const names = new Set<string>();
  const problems: string[] = [];
  for (const mutant of mutants) {
    if (names.has(mutant.name)) problems.push(`"${mutant.name}" twice`);
    names.add(mutant.name);
    try {
      sow(mutant, await Deno.readTextFile(new URL(mutant.file, ROOT)));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

async function copyFolder(
  from: URL,
  to: string,
  except: readonly string[],
): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (except.includes(name)) continue;
    const source = new URL(isDirectory ? `${name}/` : name, from);
    if (isDirectory) await copyFolder(source, `${to}/${name}`, except);
    else if (isFile) await Deno.copyFile(source, `${to}/${name}`);
  }
}
