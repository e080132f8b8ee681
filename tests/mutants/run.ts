/**
 * Sows small faults into a copy of the library, one at a time, and runs the
 * tests until one fails, which has to pass without the fault. Fails itself when
 * a fault survives all of them.
 *
 *     deno task mutants [--only TEXT,…] [--from NAME] [--jobs N] [--check]
 *
 * - `--only`: mutants whose name or file contains one of the texts
 * - `--from`: from the mutant of this name on
 * - `--jobs`: so many at a time, each in a copy of its own; 1 without it
 * - `--check`: looks only whether each mutant still has its place
 *
 * @module
 */
import { CONTRACT_MUTANTS } from "./contract_mutants.ts";
import { CORE_BOOKS } from "./core_books.ts";
import { CORE_DECISIONS } from "./core_decisions.ts";
import { IO_MUTANTS } from "./io_mutants.ts";
import type { Mutant } from "./mutant.ts";
import { checkAll, runSurely, Soundness, Workshop } from "./workshop.ts";

const MUTANTS: readonly Mutant[] = [
  ...CORE_DECISIONS,
  ...CORE_BOOKS,
  ...IO_MUTANTS,
  ...CONTRACT_MUTANTS,
];

interface Options {
  readonly mutants: readonly Mutant[];
  readonly jobs: number;
  readonly isCheck: boolean;
}

interface Outcome {
  readonly mutant: Mutant;
  /** The test file that noticed, or how the run ended; undefined for a survivor. */
  readonly killedBy: string | undefined;
  readonly seconds: number;
}

function readOptions(args: readonly string[]): Options {
  let mutants = MUTANTS;
  let jobs = 1;
  let isCheck = false;
  for (let index = 0; index < args.length; index++) {
    const option = args[index];
    if (option === "--check") {
      isCheck = true;
      continue;
    }
    const value = args[++index];
    if (value === undefined) throw new Error(`${option} needs a value`);
    if (option === "--only") {
      const texts = value.split(",");
      mutants = mutants.filter(({ name, file }) =>
        texts.some((text) => name.includes(text) || file.includes(text))
      );
    } else if (option === "--from") {
      const start = mutants.findIndex(({ name }) => name === value);
      if (start < 0) throw new Error(`No mutant is called "${value}"`);
      mutants = mutants.slice(start);
    } else if (option === "--jobs") {
      jobs = Number(value);
      if (!Number.isInteger(jobs) || jobs < 1) {
        throw new Error("--jobs needs a whole number from 1");
      }
    } else {
      throw new Error(`There is no option "${option}"`);
    }
  }
  if (mutants.length === 0) throw new Error("No mutant is meant");
  return { mutants, jobs, isCheck };
}

async function tryMutant(
  workshop: Workshop,
  soundness: Soundness,
  mutant: Mutant,
): Promise<Outcome> {
  const began = performance.now();
  const verdict = await workshop.withFault(mutant, async () => {
    for (const suite of await workshop.suitesFor(mutant)) {
      const verdict = await runSurely(workshop, suite);
      if (!verdict.passed) return verdict;
    }
    return undefined;
  });
  const seconds = (performance.now() - began) / 1_000;
  if (verdict !== undefined) await soundness.require(workshop, verdict.proof);
  return { mutant, killedBy: verdict?.by, seconds };
}

function print({ mutant, killedBy, seconds }: Outcome): void {
  console.log(
    [
      mutant.name.padEnd(34),
      mutant.file.padEnd(28),
      `${seconds.toFixed(1)} s`.padStart(8),
      killedBy ?? "SURVIVED",
    ].join("  "),
  );
}

async function runAll({ mutants, jobs }: Options): Promise<void> {
  const workshops = await Promise.all(
    Array.from({ length: jobs }, () => Workshop.open()),
  );
  const outcomes: Outcome[] = [];
  try {
    const soundness = new Soundness();
    const queue = [...mutants];
    await Promise.all(workshops.map(async (workshop) => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const outcome = await tryMutant(workshop, soundness, next);
        print(outcome);
        outcomes.push(outcome);
      }
    }));
  } finally {
    for (const workshop of workshops) await workshop.close();
  }
  const survivors = outcomes.filter(({ killedBy }) => killedBy === undefined);
  console.log(
    `\n${outcomes.length} mutants, ${
      outcomes.length - survivors.length
    } killed, ${survivors.length} survived`,
  );
  if (survivors.length === 0) return;
  const list = survivors.map(({ mutant: { name, file, breaks } }) =>
    `  ${name} (${file}): ${breaks}`
  );
  throw new Error(`No test notices:\n${list.join("\n")}`);
}

try {
  const options = readOptions(Deno.args);
  await checkAll(MUTANTS);
  if (options.isCheck) {
    console.log(`${MUTANTS.length} mutants have their place`);
  } else await runAll(options);
} catch (error) {
  console.error(`\nnot ok: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
