import type { ConnectionPool } from "../../mod.ts";
import type { Meter } from "./meter.ts";
import type { Runs } from "./statistics.ts";

/** The library under test: as built, or another build of it. */
export interface Library {
  readonly ConnectionPool: typeof ConnectionPool;
}

/** What a contestant's process has at hand. */
export interface Surroundings {
  readonly library: Library;
  readonly meter: Meter;
  /** Where the server is, `ws://127.0.0.1:port`. */
  readonly server: string;
  /** Where it is with TLS. */
  readonly secureServer: string;
}

/** Measures one contestant, in a process of its own; the figures are in the case's unit. */
export type Workload = (surroundings: Surroundings) => Promise<Runs>;

/** Figures are kept as costs: less is better. */
export type Unit =
  /** Nanoseconds for one operation, also shown as such. */
  | "ns"
  /** Nanoseconds for one operation, shown as operations per second. */
  | "per second"
  | "bytes"
  | "messages"
  | "instructions";

export const runtimes = ["deno", "node", "bun"] as const;
export type Runtime = typeof runtimes[number];

/** A bound for each runtime, or for all. */
export type Bounds = number | Readonly<Partial<Record<Runtime, number>>>;

interface Aim {
  readonly of: string;
  readonly against: string;
}

/** What was promised about a contestant, mostly relative to another one. */
export type Goal =
  /** Its speed over the other's is at least that. */
  | (Aim & {
    readonly kind: "speed";
    readonly least: Bounds;
    /** Or it differs by no more than the other from itself. */
    readonly orNoise?: boolean;
  })
  /** Its cost over the other's is at most that. */
  | (Aim & { readonly kind: "cost"; readonly most: Bounds })
  /** Its figure less the other's is at most that. */
  | (Aim & { readonly kind: "surplus"; readonly most: Bounds })
  /** Its figure is at most that. */
  | {
    readonly kind: "figure";
    readonly of: string;
    readonly most: Bounds;
  }
  /** It differs from the other by no more than the other from itself. */
  | (Aim & { readonly kind: "noise" })
  /** Its cost here over that in the case `since` is at most that. */
  | {
    readonly kind: "flat";
    readonly of: string;
    readonly since: string;
    readonly most: Bounds;
  }
  /** The same, against the other's growth. */
  | (Aim & {
    readonly kind: "growth";
    readonly since: string;
    readonly most: Bounds;
  });

/** A contestant in another language, which has a program of its own. */
export const JETSOCKET = "JetSocket";

/** See {@linkcode Case.isUnsteady}. */
export const ROUNDS_IF_UNSTEADY = 3;

/** One question, with all who answer it. */
export interface Case {
  /** As in `--case`; what is before the slash selects too. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** Whom the others are compared with; runs twice, as the control. */
  readonly reference: string;
  readonly contestants: Readonly<Record<string, Workload>>;
  readonly goals: readonly Goal[];
  /** Whether {@linkcode JETSOCKET} is a contestant too, where it is there. */
  readonly hasJetSocket?: boolean;
  /**
   * Whether sockets or the collector decide, which differ from process to
   * process: it has {@linkcode ROUNDS_IF_UNSTEADY} times the rounds of others.
   */
  readonly isUnsteady?: true;
  /** Where it can be measured; everywhere if not given. */
  readonly runtimes?: readonly Runtime[];
  /** What the process needs besides the runtime. */
  readonly needs?: "server" | "heap" | "server and heap";
}
