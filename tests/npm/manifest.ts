/**
 * The package.json of the npm package, made from `deno.json`.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** What package.json says. There are no dependencies: std is in the bundle. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly type: "module";
  readonly sideEffects: false;
  readonly engines: Readonly<Record<string, string>>;
  readonly main: string;
  readonly types: string;
  readonly exports: {
    /** `types` comes first: TypeScript takes the first condition that fits. */
    readonly ".": { readonly types: string; readonly default: string };
    readonly "./package.json": string;
  };
}

/** The manifest of this version. */
export function manifest(): Manifest {
  return {
    name: config.name,
    version: config.version,
    description:
      "A connection pool for WebSockets: it dials, limits, reuses, checks, " +
      "reconnects and closes connections, and leases each to one user at a time.",
    keywords: ["websocket", "pool", "connection-pool", "reconnect", "client"],
    license: config.license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=24.17", bun: ">=1.4.4", deno: ">=2.8.1" },
    main: "./mod.js",
    types: "./mod.d.ts",
    exports: {
      ".": { types: "./mod.d.ts", default: "./mod.js" },
      "./package.json": "./package.json",
    },
  };
}
