/**
 * The declarations of the public names, as `deno pack` makes them: what is
 * private is not in them, so they need no file that is not published.
 *
 * @module
 */
import { extract } from "tar";
import { withNpmCopy } from "../offline/npm_copy.ts";
import { runDeno } from "./command.ts";

/** `Symbol.dispose` and its kin, for projects whose `lib` is older. */
const REFERENCES = '/// <reference lib="esnext.disposable" />\n';

/**
 * Names that `lib.dom` has and the types of Node and Bun do not, by way of what
 * they all have. Each file that uses one gets its own, which nobody sees.
 */
const ALIASES: Readonly<Record<string, string>> = {
  HeadersInit: "NonNullable<ConstructorParameters<typeof Headers>[0]>",
  EventListenerOrEventListenerObject:
    'NonNullable<Parameters<EventTarget["addEventListener"]>[1]>',
  AddEventListenerOptions:
    'Exclude<Parameters<EventTarget["addEventListener"]>[2], boolean | undefined>',
  EventListenerOptions:
    'Exclude<Parameters<EventTarget["removeEventListener"]>[2], boolean | undefined>',
};

/** Writes `mod.d.ts` and the declarations it imports. */
export async function writeDeclarations(folder: string): Promise<void> {
  const paths = await packedDeclarations(folder);
  for (const path of paths) {
    const file = `${folder}/${path}`;
    const text = withAliases(await Deno.readTextFile(file));
    // A reference counts only before everything else in a file.
    await Deno.writeTextFile(
      file,
      path === "mod.d.ts" ? REFERENCES + text : text,
    );
  }
}

/** Unpacks what `deno pack` made, and names it. */
function packedDeclarations(folder: string): Promise<string[]> {
  return withNpmCopy(async (copy) => {
    const packed = `${copy}/packed.tgz`;
    await runDeno(["pack", "-q", "--allow-dirty", `--output=${packed}`], {
      cwd: copy,
    });
    const paths: string[] = [];
    await extract({
      file: packed,
      cwd: folder,
      strip: 1,
      filter: (path) => path.endsWith(".d.ts"),
      onReadEntry: ({ path }) => void paths.push(path.slice("package/".length)),
    });
    return paths;
  });
}

/** Declares the names of {@linkcode ALIASES} that a file uses, at its end. */
export function withAliases(text: string): string {
  const used = Object.entries(ALIASES).filter(([name]) =>
    new RegExp(`\\b${name}\\b`).test(text)
  );
  return text +
    used.map(([name, type]) => `\ntype ${name} = ${type};\n`).join("");
}
