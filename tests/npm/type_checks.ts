/**
 * The settings of TypeScript under which the package's declarations must hold.
 *
 * @module
 */
import { run } from "./command.ts";

/** One run of a compiler. */
export interface TypeCheck {
  readonly name: string;
  /** A package of the project: the newest TypeScript, or the oldest that is served. */
  readonly compiler: "typescript" | "typescript-oldest";
  readonly options: Readonly<Record<string, unknown>>;
}

/** Every setting that may find fault with a declaration. */
const STRICT = {
  target: "es2022",
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
};

const RESOLUTIONS = {
  node16: { module: "node16", moduleResolution: "node16" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

const OLD = { "a browser, ES2022": { lib: ["es2022", "dom"], types: [] } };

const NEW = {
  "a browser": { lib: ["esnext", "dom"], types: [] },
  "Node": { lib: ["es2022"], types: ["node"] },
  "Node with lib.dom": { lib: ["esnext", "dom"], types: ["node"] },
  "Bun": { lib: ["esnext"], types: ["bun"] },
};

/** Each against each. The types of Node and Bun ask for a newer compiler than the package. */
export const TYPE_CHECKS: readonly TypeCheck[] = [
  ...combined("typescript", { ...OLD, ...NEW }),
  ...combined("typescript-oldest", OLD),
];

function combined(
  compiler: TypeCheck["compiler"],
  environments: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): TypeCheck[] {
  return Object.entries(environments).flatMap(([environment, library]) =>
    Object.entries(RESOLUTIONS).map(([resolution, modules]) => ({
      name: `${compiler}, ${environment}, ${resolution}`,
      compiler,
      options: { ...STRICT, ...library, ...modules },
    }))
  );
}

/** Runs the compiler over the project's `main.ts`. */
export async function checkTypes(
  check: TypeCheck,
  folder: string,
): Promise<void> {
  await Deno.writeTextFile(
    `${folder}/tsconfig.json`,
    JSON.stringify({ compilerOptions: check.options, files: ["main.ts"] }),
  );
  await run("node", [`node_modules/${check.compiler}/bin/tsc`], {
    cwd: folder,
  });
}
