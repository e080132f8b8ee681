/**
 * How large the library is for those who load it.
 *
 * @module
 */
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Bytes of the whole library, nothing of it left out. */
export interface Size {
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** What is aimed at. Missing it is said, and fails nothing. */
export const GOAL: Size = { minified: 40_000, gzip: 13_000, brotli: 13_000 };

/** What fails the build: a little above what the library has. */
export const CEILING: Size = {
  minified: 96_200,
  gzip: 32_150,
  brotli: 28_600,
};

/** Measures minified code, and what a server sends of it. */
export function measure(minified: Uint8Array): Size {
  return {
    minified: minified.byteLength,
    gzip: gzipSync(minified, { level: 9 }).byteLength,
    brotli: brotliCompressSync(minified).byteLength,
  };
}

/** One line for each size: its bytes, and how far they are from the goal. */
export function describeSize(size: Size): string[] {
  return sizeNames.map((name) => {
    const over = size[name] - GOAL[name];
    const verdict = over > 0 ? `missed by ${bytes(over)}` : "met";
    return `${name.padEnd(8)} ${bytes(size[name])}; goal ${
      bytes(GOAL[name])
    }: ${verdict}`;
  });
}

/** What is above the ceiling, in words; nothing if all is well. */
export function excess(size: Size): string[] {
  return sizeNames.filter((name) => size[name] > CEILING[name]).map((name) =>
    `${name}: ${bytes(size[name])} are more than ${bytes(CEILING[name])}`
  );
}

const sizeNames = ["minified", "gzip", "brotli"] as const;

/** `12 345 B`, as the README writes numbers. */
export function bytes(count: number): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, " ")} B`;
}
