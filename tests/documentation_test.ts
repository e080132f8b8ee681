/**
 * Reads what `deno doc` sees of the public names, which is what JSR shows and
 * scores.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { standardLibraryFlags } from "./offline/flags.ts";

interface Documented {
  readonly name?: string;
  readonly accessibility?: "public" | "protected" | "private";
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly {
      readonly kind: string;
      readonly name?: string;
    }[];
  };
  readonly functionDef?: {
    readonly params: readonly Parameter[];
    readonly hasBody?: boolean;
  };
  readonly params?: readonly Parameter[];
}

interface Parameter {
  readonly name?: string;
  /** Of a default value: the parameter itself. */
  readonly left?: Parameter;
}

type Members = "constructors" | "methods" | "properties" | "indexSignatures";

interface Declaration extends Documented {
  readonly kind: string;
  readonly def: Partial<Readonly<Record<Members, readonly Documented[]>>>;
}

interface Module {
  readonly module_doc?: { readonly doc?: string };
  readonly symbols: readonly {
    readonly name: string;
    readonly declarations: readonly Declaration[];
  }[];
}

const ROOT = new URL("../", import.meta.url);

async function read(path: string): Promise<Module> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...await standardLibraryFlags(), path],
    cwd: fileURLToPath(ROOT),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const output: { nodes: Record<string, Module> } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const [module, ...others] = Object.values(output.nodes);
  assert(module !== undefined && others.length === 0);
  return module;
}

/** What lacks a description: the module, symbols, members, parameters of functions. */
function undocumented({ module_doc, symbols }: Module): string[] {
  return [
    ...isEmpty(module_doc?.doc) ? ["the module"] : [],
    ...symbols.flatMap(({ name, declarations }) =>
      declarations.flatMap((declaration) => [
        ...gapsOf(declaration, name),
        ...membersOf(declaration).flatMap((member) =>
          gapsOf(member, `${name}.${member.name ?? "[index]"}`)
        ),
      ])
    ),
  ];
}

function membersOf({ def }: Declaration): Documented[] {
  return [
    ...def.constructors ?? [],
    ...def.methods?.filter((method) => isVisible(method, def.methods ?? [])) ??
      [],
    ...def.properties ?? [],
    ...def.indexSignatures ?? [],
  ].filter(({ accessibility }) => accessibility !== "private");
}

/** The implementation of overloads is nobody's to call. */
function isVisible(method: Documented, all: readonly Documented[]): boolean {
  return method.functionDef?.hasBody !== true ||
    !all.some(({ name, functionDef }) =>
      name === method.name && functionDef?.hasBody !== true
    );
}

/** Nobody is to guess what a parameter of a function of ours means; callbacks are the user's. */
function gapsOf(documented: Documented, name: string): string[] {
  const { jsDoc, functionDef, params } = documented;
  const described = new Set(
    jsDoc?.tags?.filter(({ kind }) => kind === "param").map((tag) => tag.name),
  );
  const owned = functionDef?.params ??
    (name.endsWith(".constructor") ? params : undefined) ?? [];
  return [
    ...isEmpty(jsDoc?.doc) ? [name] : [],
    ...owned.map((parameter) => (parameter.left ?? parameter).name ?? "")
      .filter((parameter) => !described.has(parameter))
      .map((parameter) => `${name}(${parameter})`),
  ];
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}

Deno.test("every public name, and every member of it, is described", async () => {
  const module = await read("mod.ts");
  assert(module.symbols.length > 50, "deno doc found too little");
  assertEquals(undocumented(module), []);
});

Deno.test("what lacks a description is seen", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/mod.ts`;
    await Deno.writeTextFile(path, UNDESCRIBED);
    assertEquals(undocumented(await read(path)), [
      "the module",
      "Pool.constructor(size)",
      "Pool.close",
      "Pool.open",
      "Pool.open(size)",
      "Pool.size",
      "Options",
      "Options.limit",
      "Options.[index]",
      "Size",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const UNDESCRIBED = `
/** A pool. */
export class Pool {
  size: number;
  /** @param _code Why */
  close(_code: number): void {}
  /**
   * Opens.
   *
   * @param name Which
   */
  open(name: string): string;
  open(size: number): string;
  open(name: string | number): string {
    return String(name);
  }
  /** Makes one. */
  constructor(size = 1) {
    this.size = size;
  }
}
export interface Options {
  limit: number;
  [name: string]: number;
}
export type Size = number;
`;
