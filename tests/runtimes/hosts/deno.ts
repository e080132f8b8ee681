import { ROOT_PATH } from "../../npm/layout.ts";
import { standardLibraryFlags } from "../../offline/flags.ts";
import type { ServerAddress } from "../cases/support/control.ts";
import { runSuite } from "../command_line_suite.ts";
import type { Package } from "../workshop.ts";
import { caseFiles, makeProject, npmInstall } from "../workshop.ts";
import type { Host } from "./host.ts";

/** What has to be said to run a file, and to test files. */
interface Flags {
  readonly both: readonly string[];
  readonly cwd: string;
  readonly folder: string;
}

function hostOf(name: string, title: string, flags: Flags): Host {
  const version = Deno.version.deno;
  const program = Deno.execPath();
  return {
    title,
    version,
    runCases: (server: ServerAddress) =>
      runSuite({
        name,
        program,
        // `deno task ok` has checked the types.
        args: (report) => [
          "test",
          "-A",
          "--no-check",
          ...flags.both,
          `--junit-path=${report}`,
          ...caseFiles().map((file) => `${flags.folder}/${file}`),
        ],
        cwd: flags.cwd,
        environment: {
          runtime: "deno",
          version,
          server,
          command: [program, "run", "-qA", "--no-check", ...flags.both],
        },
      }),
    // Those of Deno are run by `deno task test`.
    runExamples: () => Promise.resolve([]),
  };
}

/** Deno, with the sources and with the npm package. */
export async function openDeno(library: Package): Promise<Host[]> {
  const project = await makeProject(
    "project-deno",
    (folder) => npmInstall(folder, library.tarball),
  );
  return [
    hostOf("deno-source", "Deno, from source", {
      both: await standardLibraryFlags(),
      cwd: ROOT_PATH,
      folder: "tests/runtimes/cases",
    }),
    hostOf("deno-package", "Deno, npm package", {
      both: ["--node-modules-dir=manual", "--no-config", "--no-lock"],
      cwd: project,
      folder: "cases",
    }),
  ];
}
