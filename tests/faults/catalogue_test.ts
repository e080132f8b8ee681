/**
 * Holds the table of faults in tests/README.md to the titles of the tests.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";

const TESTS = new URL("../", import.meta.url);
const COUNT = 90;

interface Row {
  readonly fault: number;
  readonly where: string;
  /** Files of `tests/`, without `_test.ts`. */
  readonly files: readonly string[];
}

async function readRows(): Promise<Row[]> {
  const text = await Deno.readTextFile(new URL("README.md", TESTS));
  const row = /^\| F(\d+) +\| [^|]+\| ([^|]+)\|$/gm;
  return [...text.matchAll(row)].map(([, fault, where = ""]) => ({
    fault: Number(fault),
    where,
    files: [...where.matchAll(/`([a-z_]+(?:\/[a-z_]+)*)`/g)].map((
      [, file = ""],
    ) => file),
  }));
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, TESTS))) {
    const path = folder + entry.name;
    if (entry.isDirectory) yield* filesBelow(`${path}/`);
    else if (path.endsWith(".ts")) yield path;
  }
}

/** The faults named in string literals, which titles and tables of cases are made of. */
function faultsNamedIn(source: string): Set<number> {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)/g;
  const literals = [...source.matchAll(token)].map(([, literal = ""]) =>
    literal
  );
  const numbers = literals.flatMap((literal) =>
    // At the start, perhaps after other numbers, or in brackets at the end.
    /^.(?:(?:\d+\.\d+|I\d|F\d+),? )*F\d+\b|\((?:F\d+,? ?)+\).$/.test(literal)
      ? [...literal.matchAll(/\bF(\d+)\b/g)].map(([, number]) => Number(number))
      : []
  );
  return new Set(numbers);
}

async function readTitles(): Promise<Map<string, Set<number>>> {
  const named = new Map<string, Set<number>>();
  for await (const path of filesBelow("")) {
    const source = await Deno.readTextFile(new URL(path, TESTS));
    // A table of cases that has a file of its own belongs to its test.
    const test = path.replace(/(?:_test)?\.ts$/, "");
    const faults = faultsNamedIn(source);
    named.set(test, (named.get(test) ?? new Set()).union(faults));
  }
  return named;
}

Deno.test("5 every fault has a row that says where it is tested, or why it is not", async () => {
  const rows = await readRows();
  const expected = Array.from({ length: COUNT }, (_, index) => index + 1);
  assertEquals(rows.map(({ fault }) => fault), expected);
  for (const { fault, where, files } of rows) {
    const isExplained = where.startsWith("not testable: ");
    assert(files.length > 0 || isExplained, `F${fault}: ${where}`);
  }
});

Deno.test("5 the files of a fault's row name it in their titles", async () => {
  const titles = await readTitles();
  const wrong = (await readRows()).flatMap(({ fault, files }) =>
    files.filter((file) => titles.get(file)?.has(fault) !== true)
      .map((file) => `F${fault}: ${file}`)
  );
  assertEquals(wrong, []);
});

Deno.test("5 titles name faults that there are", async () => {
  const unknown = [...await readTitles()].flatMap(([file, faults]) =>
    [...faults].filter((fault) => fault < 1 || fault > COUNT)
      .map((fault) => `${file}: F${fault}`)
  );
  assertEquals(unknown, []);
});
