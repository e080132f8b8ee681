import type { Wish } from "./arguments.ts";
import type { Builds } from "./builds.ts";
import { type Case, JETSOCKET, type Runtime } from "./case.ts";
import type { Order } from "./contestant.ts";
import type { CpuProfile } from "./profile.ts";
import { jetSocketProgram, type Program, programOf } from "./programs.ts";
import { type CaseResult, controlOf, isLibrary, twinOf } from "./results.ts";
import type { Addresses } from "./server/main.ts";

/** One column of figures: who is run, and over which library. */
interface Entry {
  /** In the results. */
  readonly name: string;
  /** In the case. */
  readonly contestant: string;
  readonly library: string;
  readonly program: Program;
}

/** A process that takes longer hangs. */
const LIMIT_MS = 180_000;

/** Runs processes one after the other, so that each has the machine for itself. */
export class Runner {
  readonly #builds: Builds;
  readonly #servers: Addresses;
  readonly #wish: Pick<Wish, "rounds" | "clock">;
  readonly #progress: (text: string) => void;

  constructor(
    builds: Builds,
    servers: Addresses,
    wish: Pick<Wish, "rounds" | "clock">,
    progress: (text: string) => void,
  ) {
    this.#builds = builds;
    this.#servers = servers;
    this.#wish = wish;
    this.#progress = progress;
  }

  /** Rounds of A, B, C: whatever the machine does meanwhile it does to all. */
  async run(one: Case, runtime: Runtime): Promise<CaseResult> {
    const entries = this.#entriesOf(one, runtime);
    const figures: Record<string, number[]> = {};
    for (const { name } of entries) figures[name] = [];
    const { rounds } = this.#wish;
    for (let round = 0; round < rounds; round++) {
      for (const entry of rotated(entries, round)) {
        this.#progress(
          `${runtime} ${one.name} ${round + 1}/${rounds} ${entry.name}`,
        );
        figures[entry.name]?.push(await this.#figure(one, entry));
      }
    }
    const { title, unit, reference } = one;
    return { runtime, case: one.name, title, unit, reference, figures };
  }

  /** Runs each contestant once, while V8 looks at what it does. */
  async *profile(
    one: Case,
    runtime: Runtime,
  ): AsyncGenerator<{ name: string; figure: number; profile: CpuProfile }> {
    for (const contestant of Object.keys(one.contestants)) {
      const directory = await Deno.makeTempDir();
      try {
        const flags = ["--cpu-prof", `--cpu-prof-dir=${directory}`];
        const entry = this.#entryOf(one, runtime, contestant, flags);
        this.#progress(`${runtime} ${one.name} ${contestant}`);
        const figure = await this.#figure(one, entry);
        for await (const { name: file } of Deno.readDir(directory)) {
          const text = await Deno.readTextFile(`${directory}/${file}`);
          yield { name: contestant, figure, profile: JSON.parse(text) };
        }
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    }
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
    const { contestants, reference } = one;
    const { other } = this.#builds;
    const entryOf = (contestant: string) =>
      this.#entryOf(one, runtime, contestant);
    const entries = Object.keys(contestants).map(entryOf);
    if (other !== undefined) {
      const own = entries.filter(({ name }) => isLibrary(name));
      for (const entry of own) {
        entries.push({ ...entry, name: twinOf(entry.name), library: other });
      }
    }
    const jetSocket = jetSocketProgram();
    // Once, beside the first runtime of all: it runs on none of them.
    if (one.hasJetSocket && runtime === "deno" && jetSocket !== undefined) {
      entries.push({ ...entryOf(JETSOCKET), program: jetSocket });
    }
    entries.push({ ...entryOf(reference), name: controlOf(reference) });
    return entries;
  }

  async #figure(
    one: Case,
    { name, contestant, library, program }: Entry,
  ): Promise<number> {
    const order: Order = {
      case: one.name,
      contestant,
      library,
      server: this.#servers.plain,
      secureServer: this.#servers.secure,
      clock: this.#wish.clock,
    };
    const { code, stdout, stderr } = await new Deno.Command(program.path, {
      args: [...program.args, JSON.stringify(order)],
      // Node's and Bun's word for a certificate that nobody has signed.
      env: { NODE_TLS_REJECT_UNAUTHORIZED: "0", ...program.env },
      stdin: "null",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const last = decode(stdout).trim().split("\n").at(-1) ?? "";
    const figure = readFigure(last);
    if (code === 0 && figure !== undefined) return figure;
    throw new Error(
      `${name} of ${one.name} failed on ${program.path} (code ${code})\n` +
        decode(stderr),
    );
  }
}

/** Who is first is another in every round: a process can profit from the one before it. */
function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function readFigure(line: string): number | undefined {
  if (!line.startsWith("{")) return undefined;
  const { figure }: { figure?: unknown } = JSON.parse(line);
  return typeof figure === "number" && Number.isFinite(figure)
    ? figure
    : undefined;
}
