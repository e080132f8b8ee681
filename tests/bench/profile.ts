import type { Unit } from "./case.ts";
import { showSpread } from "./report.ts";

/** What V8 and JavaScriptCore write, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
    };
  }[];
  /** The node that ran, at each sample. */
  readonly samples: readonly number[];
  /** Time before each sample, in us. */
  readonly timeDeltas: readonly number[];
}

/** Functions that take less are left out. */
const LEAST_SHARE = 0.01;

/**
 * Each function's own share of the time, the largest first. What is inlined
 * counts for itself; what is the engine's own, promises above all, for its caller.
 */
export function sharesOf(
  { nodes, samples, timeDeltas }: CpuProfile,
): [name: string, share: number][] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => {
      // A bundler calls what wraps a CommonJS file by the file's path.
      const name = lastPart(functionName) || "(anonymous)";
      return [id, `${name} ${lastPart(url)}`.trimEnd()];
    }),
  );
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, node] of samples.entries()) {
    const time = timeDeltas[index] ?? 0;
    const name = names.get(node) ?? "(unknown)";
    // Between two turns.
    if (name === "(idle)") continue;
    total += time;
    times.set(name, (times.get(name) ?? 0) + time);
  }
  return [...times]
    .map(([name, time]): [string, number] => [name, time / total])
    .filter(([, share]) => share >= LEAST_SHARE)
    .sort(([, one], [, other]) => other - one);
}

/** The figure of a contestant, and what of it each function took. */
export function showProfile(
  contestant: string,
  figure: number,
  unit: Unit,
  profile: CpuProfile,
): string {
  const isTime = unit === "ns" || unit === "per second";
  const rows = sharesOf(profile).map(([name, share]) => {
    const percent = `${(share * 100).toFixed(1)} %`.padStart(8);
    const time = isTime ? showSpread([[figure * share]], "ns").median : "";
    return `${percent}${time.padStart(9)}  ${name}`;
  });
  const { median } = showSpread([[figure]], unit);
  return [`\n${contestant}: ${median}`, ...rows].join("\n");
}

function lastPart(path: string): string {
  return path.split("/").at(-1) ?? "";
}
