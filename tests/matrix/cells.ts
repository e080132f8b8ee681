import type { RuntimeName } from "../support/runtime_profile.ts";

/** What is under way when it is cut short. */
export const OPERATIONS = [
  "resolve",
  "dial",
  "onOpen",
  "probe",
  "reset",
  "close",
] as const;
export type Operation = typeof OPERATIONS[number];

/** How it would end: well, badly, well but after its time limit, or not at all. */
export const OUTCOMES = ["ok", "error", "slow", "never"] as const;
export type Outcome = typeof OUTCOMES[number];

/** What cuts it short. */
export const CAUSES = [
  "abort",
  "release",
  "discard",
  "pool.close",
  "clear",
  "timeout",
] as const;
export type Cause = typeof CAUSES[number];

/** When: against the begin and the outcome; two instants are within the outcome's own turn. */
export const INSTANTS = [
  "before",
  "during",
  "just before the outcome",
  "just after the outcome",
  "after",
] as const;
export type Instant = typeof INSTANTS[number];

/** One case of the matrix. */
export interface Cell {
  readonly operation: Operation;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly instant: Instant;
  readonly runtime: RuntimeName;
}

/** The time limit of every operation, in ms. */
export const LIMIT = 500;

/** When the outcome comes, in ms from the begin; of one that never comes, when the limit strikes. */
export function outcomeAt({ outcome }: Cell): number {
  if (outcome === "slow") return LIMIT + 100;
  return outcome === "never" ? LIMIT : 100;
}

/** When the cause comes, in ms from the begin. */
export function causeAt(cell: Cell): number {
  if (cell.instant === "before") return 0;
  if (cell.instant === "during") return 50;
  return outcomeAt(cell) + (cell.instant === "after" ? 200 : 0);
}

/** Whether the pool opens a socket for the operation. */
export function isDial(operation: Operation): boolean {
  return operation === "resolve" || operation === "dial" ||
    operation === "onOpen";
}

export function titleOf(cell: Cell): string {
  const { operation, outcome, cause, instant, runtime } = cell;
  return `${operation} (${outcome}), ${cause} ${instant}, on ${runtime}`;
}

/** All cells of an operation on a runtime. */
export function cellsOf(operation: Operation, runtime: RuntimeName): Cell[] {
  return OUTCOMES.flatMap((outcome) =>
    CAUSES.flatMap((cause) =>
      INSTANTS.map((instant) => ({
        operation,
        outcome,
        cause,
        instant,
        runtime,
      }))
    )
  );
}
