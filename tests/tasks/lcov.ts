/** How much of something was reached. */
export interface Share {
  readonly reached: number;
  readonly total: number;
}

/** What the tests reached of one file. */
export interface FileCoverage {
  readonly path: string;
  readonly lines: Share;
  readonly branches: Share;
  /** Numbers of the lines that never ran. */
  readonly missedLines: readonly number[];
  /** Numbers of the lines at which a way was never taken. */
  readonly missedBranches: readonly number[];
}

/**
 * Reads a report in LCOV's format: of each file the lines (`DA`) and branches
 * (`BRDA`) with their counts.
 *
 * @throws {Error} If a line of the two kinds is not understood
 */
export function readLcov(report: string): FileCoverage[] {
  return report.split("end_of_record").map((record) => record.trim())
    .filter((record) => record !== "").map(readRecord);
}

function readRecord(record: string): FileCoverage {
  const lines = new Map<number, boolean>();
  const branches: [line: number, isTaken: boolean][] = [];
  let path: string | undefined;
  for (const text of record.split("\n")) {
    const [, kind = "", values = ""] = text.match(/^([A-Z]+):(.*)$/) ?? [];
    const fields = values.split(",");
    if (kind === "SF") path = values;
    if (kind === "DA") {
      lines.set(count(fields[0], text), count(fields[1], text) > 0);
    }
    if (kind === "BRDA") {
      // A dash stands for a branch of code that never ran.
      const isTaken = fields[3] !== "-" && count(fields[3], text) > 0;
      branches.push([count(fields[0], text), isTaken]);
    }
  }
  if (path === undefined) throw new Error(`A record has no file: ${record}`);
  return {
    path,
    lines: share([...lines.values()]),
    branches: share(branches.map(([, isTaken]) => isTaken)),
    missedLines: missed(lines),
    missedBranches: missed(branches),
  };
}

function count(field: string | undefined, text: string): number {
  if (field === undefined || !/^\d+$/.test(field)) {
    throw new Error(`Cannot read "${text}"`);
  }
  return Number(field);
}

function share(hits: readonly boolean[]): Share {
  const reached = hits.filter((isReached) => isReached).length;
  return { reached, total: hits.length };
}

function missed(hits: Iterable<readonly [line: number, hit: boolean]>) {
  const numbers = [...hits].filter(([, hit]) => !hit).map(([line]) => line);
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The files' shares together. */
export function total(shares: readonly Share[]): Share {
  return shares.reduce(
    (sum, { reached, total }) => ({
      reached: sum.reached + reached,
      total: sum.total + total,
    }),
    { reached: 0, total: 0 },
  );
}

/** In percent; of nothing, all is reached. */
export function percent({ reached, total }: Share): number {
  return total === 0 ? 100 : reached / total * 100;
}

/** `3, 7-9`: numbers in ascending order, those in a row as one. */
export function ranges(numbers: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const number of numbers) {
    const part = parts.at(-1);
    if (part !== undefined && part[1] === number - 1) part[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) =>
    first === last ? String(first) : `${first}-${last}`
  ).join(", ");
}
