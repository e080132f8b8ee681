import type { ServerAddress } from "../cases/support/control.ts";
import type { Absence, CaseResult } from "../result.ts";
import type { Package } from "../workshop.ts";

/** As `--only` names them. */
export const HOST_NAMES = [
  "deno",
  "node24",
  "node26",
  "bun",
  "chromium",
] as const;
export type HostName = typeof HOST_NAMES[number];

/** A way to run the cases. */
export interface Host {
  /** For people. */
  readonly title: string;
  /** Found out from the runtime itself. */
  readonly version: string;
  runCases(server: ServerAddress): Promise<readonly CaseResult[]>;
  runExamples(): Promise<readonly CaseResult[]>;
}

/** Installs what it takes. */
export type Opener = (
  library: Package,
) => Promise<readonly (Host | Absence)[]>;
