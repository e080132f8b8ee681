import { parseArgs } from "node:util";
import {
  type Case,
  JETSOCKET,
  type Runtime,
  runtimes as known,
} from "./case.ts";
import type { ClockName } from "./meter.ts";

/** What a run was asked for. */
export interface Wish {
  readonly runtimes: readonly Runtime[];
  readonly cases: readonly Case[];
  /** Who runs besides the reference of each case; all if not given. */
  readonly contestants: readonly string[] | undefined;
  readonly rounds: number;
  readonly clock: ClockName;
  readonly helps: boolean;
  readonly lists: boolean;
  /** Whether to say where the time goes, in place of figures. */
  readonly profiles: boolean;
  /** Whether to count what the processor executes, in place of time. */
  readonly counts: boolean;
  readonly plots: boolean;
  readonly writesReadme: boolean;
  /** Files with results of earlier runs, in place of a new one. */
  readonly from: readonly string[];
}

export const USAGE = `deno task bench [options]

  --runtime deno,node,bun  which runtimes (default deno)
  --case pair,handoff      which cases: a name, or what is before its slash
  --contestant pool,flat   whom to compare with the reference (default all)
  --rounds 5               processes per contestant
  --clock wall             which time: "cpu" for a machine that is busy
  --help                   print this and end
  --list                   print the cases and end
  --profile                print what each function takes, in place of a table
  --instructions           count what the processor executes, in place of time
                           (Node, with valgrind)
  --plot                   draw tests/bench/plots/*.svg from the results
  --readme                 write the tables of README.md and FIGURES.md from the results,
                           with --profile PROFILES.md
  --from FILE              take the results of an earlier run; may be repeated

NODE, BUN and VALGRIND name other programs than "node", "bun" and "valgrind";
POOL_MODULE another build of the library (mod.ts of a checkout, or a bundle), to
run beside this one; JETSOCKET a checkout of JetSocket (Python).
`;

/** @throws {TypeError} If an argument is unknown or wrong */
export function readArguments(
  args: readonly string[],
  suite: readonly Case[],
): Wish {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runtime: { type: "string", default: "deno" },
      case: { type: "string" },
      contestant: { type: "string" },
      rounds: { type: "string", default: "5" },
      clock: { type: "string", default: "wall" },
      help: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      instructions: { type: "boolean", default: false },
      plot: { type: "boolean", default: false },
      readme: { type: "boolean", default: false },
      from: { type: "string", multiple: true },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`--rounds must be a number from 1: ${values.rounds}`);
  }
  const runtimes = values.runtime.split(",").map(readRuntime);
  if (values.instructions && values.runtime !== "node") {
    throw new TypeError("--instructions goes with --runtime node");
  }
  return {
    runtimes,
    cases: values.case === undefined ? suite : select(suite, values.case),
    contestants: readContestants(suite, values.contestant),
    rounds,
    clock: readClock(values.clock),
    helps: values.help,
    lists: values.list,
    profiles: values.profile,
    counts: values.instructions,
    plots: values.plot,
    writesReadme: values.readme,
    from: values.from ?? [],
  };
}

function readClock(name: string): ClockName {
  if (name === "wall" || name === "cpu") return name;
  throw new TypeError(`--clock must be "wall" or "cpu": ${name}`);
}

function readRuntime(name: string): Runtime {
  const runtime = known.find((each) => each === name);
  if (runtime === undefined) throw new TypeError(`No runtime "${name}"`);
  return runtime;
}

function readContestants(
  suite: readonly Case[],
  names: string | undefined,
): string[] | undefined {
  const wanted = names?.split(",");
  for (const name of wanted ?? []) {
    const isKnown = name === JETSOCKET ||
      suite.some(({ contestants }) => Object.hasOwn(contestants, name));
    if (!isKnown) throw new TypeError(`No contestant "${name}"`);
  }
  return wanted;
}

function select(suite: readonly Case[], names: string): Case[] {
  const wanted = names.split(",");
  const isMeant = (name: string, { name: full }: Case) =>
    full === name || full.startsWith(`${name}/`);
  for (const name of wanted) {
    if (!suite.some((one) => isMeant(name, one))) {
      throw new TypeError(`No case "${name}"; see --list`);
    }
  }
  return suite.filter((one) => wanted.some((name) => isMeant(name, one)));
}
