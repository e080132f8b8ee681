import type { Wish } from "./arguments.ts";
import type { Builds } from "./builds.ts";
import {
  type Case,
  JETSOCKET,
  ROUNDS_IF_UNSTEADY,
  type Runtime,
} from "./case.ts";
import type { Order } from "./contestant.ts";
import { Player } from "./player.ts";
import type { CpuProfile } from "./profile.ts";
import { COUNTED_OPERATIONS } from "./meter.ts";
import {
  counting,
  instructionsIn,
  jetSocketProgram,
  type Program,
  programOf,
} from "./programs.ts";
import { type CaseResult, controlOf, isLibrary, twinOf } from "./results.ts";
import type { Addresses } from "./server/main.ts";
import { median, type Runs } from "./statistics.ts";

/** Runs of the two processes whose difference is counted: V8 has compiled by the end of the short one. */
const SHORT = 5;
const LONG = 10;

/** One column of figures: who is run, and over which library. */
interface Entry {
  /** In the results. */
  readonly name: string;
  /** In the case. */
  readonly contestant: string;
  readonly library: string;
  readonly program: Program;
}

/** Runs processes of which one works at a time, so that each has the machine for itself. */
export class Runner {
  readonly #builds: Builds;
  readonly #servers: Addresses;
  readonly #wish: Pick<Wish, "contestants" | "rounds" | "clock">;
  readonly #progress: (text: string) => void;
  readonly #random: () => number;

  constructor(
    builds: Builds,
    servers: Addresses,
    wish: Pick<Wish, "contestants" | "rounds" | "clock">,
    progress: (text: string) => void,
    random: () => number = Math.random,
  ) {
    this.#builds = builds;
    this.#servers = servers;
    this.#wish = wish;
    this.#progress = progress;
    this.#random = random;
  }

  /**
   * In each round every contestant is a process, and all live through it and
   * take short turns: whatever the machine does meanwhile it does to all.
   */
  async run(one: Case, runtime: Runtime): Promise<CaseResult> {
    const entries = this.#entriesOf(one, runtime);
    const figures: Record<string, Runs[]> = {};
    for (const { name } of entries) figures[name] = [];
    const rounds = this.#wish.rounds *
      (one.isUnsteady ? ROUNDS_IF_UNSTEADY : 1);
    for (let round = 0; round < rounds; round++) {
      const title = `${runtime} ${one.name} ${round + 1}/${rounds}`;
      const measured = await this.#play(one, entries, title);
      for (const [name, runs] of measured) figures[name]?.push(runs);
    }
    const { title, unit, reference } = one;
    return { runtime, case: one.name, title, unit, reference, figures };
  }

  /** Runs each contestant once, while the engine looks at what it does. */
  async *profile(
    one: Case,
    runtime: Runtime,
  ): AsyncGenerator<{ name: string; figure: number; profile: CpuProfile }> {
    for (const contestant of this.#contestantsOf(one)) {
      const directory = await Deno.makeTempDir();
      try {
        const flags = ["--cpu-prof", `--cpu-prof-dir=${directory}`];
        const entry = this.#entryOf(one, runtime, contestant, flags);
        const title = `${runtime} ${one.name} ${contestant}`;
        const [measured] = await this.#play(one, [entry], title);
        // It has played to the end, or there were an error.
        const [name, runs] = measured!;
        const figure = median(runs);
        for await (const { name: file } of Deno.readDir(directory)) {
          const text = await Deno.readTextFile(`${directory}/${file}`);
          yield { name, figure, profile: JSON.parse(text) };
        }
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    }
  }

  /**
   * Counts what one operation of each contestant has the processor execute: the
   * difference between a long and a short process, in which start and
   * compilation cancel out. Other processes change nothing about it.
   */
  async count(one: Case, runtime: Runtime): Promise<CaseResult> {
    const figures: Record<string, Runs[]> = {};
    const { rounds } = this.#wish;
    for (let round = 0; round < rounds; round++) {
      for (const { name, ...rest } of this.#entriesOf(one, runtime)) {
        const title = `${runtime} ${one.name} ${round + 1}/${rounds}`;
        const execute = async (samples: number) => {
          const file = await Deno.makeTempFile();
          try {
            const program = counting(rest.program, file);
            const entry = { ...rest, name, program };
            await this.#play(one, [entry], title, samples);
            return instructionsIn(await Deno.readTextFile(file));
          } finally {
            await Deno.remove(file);
          }
        };
        const surplus = await execute(LONG) - await execute(SHORT);
        const operations = (LONG - SHORT) * COUNTED_OPERATIONS;
        (figures[name] ??= []).push([surplus / operations]);
      }
    }
    const { title, reference } = one;
    const unit = "instructions";
    return { runtime, case: one.name, title, unit, reference, figures };
  }

  #entryOf(
    { needs }: Case,
    runtime: Runtime,
    contestant: string,
    flags: readonly string[] = [],
  ): Entry {
    const { library, contestant: script } = this.#builds;
    const { args, ...program } = programOf(runtime, needs);
    return {
      name: contestant,
      contestant,
      library,
      program: { ...program, args: [...args, ...flags, script] },
    };
  }

  #entriesOf(one: Case, runtime: Runtime): Entry[] {
    const { other } = this.#builds;
    const entryOf = (contestant: string) =>
      this.#entryOf(one, runtime, contestant);
    const entries = this.#contestantsOf(one).map(entryOf);
    if (other !== undefined) {
      const own = entries.filter(({ name }) => isLibrary(name));
      for (const entry of own) {
        entries.push({ ...entry, name: twinOf(entry.name), library: other });
      }
    }
    const jetSocket = jetSocketProgram();
    // Once, beside the first runtime of all: it runs on none of them.
    if (
      one.hasJetSocket && this.#isWanted(JETSOCKET) && runtime === "deno" &&
      jetSocket !== undefined
    ) {
      entries.push({ ...entryOf(JETSOCKET), program: jetSocket });
    }
    const { reference } = one;
    entries.push({ ...entryOf(reference), name: controlOf(reference) });
    return entries;
  }

  #contestantsOf({ contestants, reference }: Case): string[] {
    return Object.keys(contestants).filter((name) =>
      name === reference || this.#isWanted(name)
    );
  }

  #isWanted(name: string): boolean {
    return this.#wish.contestants?.includes(name) !== false;
  }

  #playerOf(
    one: Case,
    { name, contestant, library, program }: Entry,
    samples: number | undefined,
  ): Player {
    const order: Order = {
      case: one.name,
      contestant,
      library,
      server: this.#servers.plain,
      secureServer: this.#servers.secure,
      clock: this.#wish.clock,
      ...samples === undefined ? {} : { samples },
    };
    const title = `${name} of ${one.name}`;
    return new Player(title, program, JSON.stringify(order));
  }

  /** Lets them take turns, one process at a time, until each has its figures. */
  async #play(
    one: Case,
    entries: readonly Entry[],
    title: string,
    samples?: number,
  ): Promise<Map<string, Runs>> {
    const playing = new Map(
      entries.map((entry) => [entry.name, this.#playerOf(one, entry, samples)]),
    );
    const measured = new Map<string, Runs>();
    try {
      for (let turn = 0; playing.size > 0; turn++) {
        for (const [name, player] of shuffled([...playing], this.#random)) {
          this.#progress(`${title}, turn ${turn} of ${name}`);
          const runs = await player.turn();
          if (runs === undefined) continue;
          measured.set(name, runs);
          playing.delete(name);
        }
      }
      return measured;
    } finally {
      for (const player of playing.values()) player.stop();
    }
  }
}

/** As chance has it: a process can profit from the one before it, or suffer. */
function shuffled<Item>(
  items: readonly Item[],
  random: () => number,
): Item[] {
  return items.map((item) => ({ item, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}
