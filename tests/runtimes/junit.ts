/**
 * Reads the reports that `deno test`, `node --test` and `bun test` write.
 *
 * @module
 */

import type { CaseResult } from "./result.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

function unescape(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal, hexadecimal, name) => {
      if (decimal) return String.fromCodePoint(Number(decimal));
      if (hexadecimal) return String.fromCodePoint(parseInt(hexadecimal, 16));
      return ENTITIES[name] ?? whole;
    },
  );
}

const FAILURE =
  /<(?:failure|error)\b(?:\s+[\w:.-]+=(?:"[^"]*"|'[^']*'))*\s*>([^<]*)/;

function outcomeOf(inside: string): CaseResult["outcome"] {
  if (/<(?:failure|error)\b/.test(inside)) return "failed";
  return /<skipped\b/.test(inside) ? "skipped" : "passed";
}

/** The cases of a JUnit report, in its order. */
export function readJunit(report: string): CaseResult[] {
  const cases =
    /<testcase\b((?:\s+[\w:.-]+=(?:"[^"]*"|'[^']*'))*)\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  return [...report.matchAll(cases)].map(
    ([, attributes = "", inside = ""]): CaseResult => {
      const title = unescape(attributes.match(/\sname="([^"]*)"/)?.[1] ?? "");
      const outcome = outcomeOf(inside);
      if (outcome !== "failed") return { title, outcome };
      const [, text = ""] = inside.match(FAILURE) ?? [];
      return { title, outcome, failure: unescape(text).trim() };
    },
  );
}
