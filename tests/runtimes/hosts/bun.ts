import { run } from "../../npm/command.ts";
import { runSuite } from "../command_line_suite.ts";
import { caseFiles, executable, makeProject } from "../workshop.ts";
import { runExample } from "./examples.ts";
import type { Host, Opener } from "./host.ts";

/** Bun in one version, with the npm package, installed by Bun. */
export function openBun(version: string): Opener {
  return async (library): Promise<Host[]> => {
    const program = await executable("bun", version);
    const project = await makeProject(
      "project-bun",
      (folder) => run(program, ["add", library.tarball], { cwd: folder }),
    );
    const host: Host = {
      title: "Bun, npm package",
      version,
      runCases: (server) =>
        runSuite({
          name: "bun",
          program,
          args: (report) => [
            "test",
            // The cases have a limit of their own.
            "--timeout=60000",
            "--reporter=junit",
            `--reporter-outfile=${report}`,
            ...caseFiles().map((file) => `./cases/${file}`),
          ],
          cwd: project,
          environment: { runtime: "bun", version, server, command: [program] },
        }),
      runExamples: async () => [
        await runExample(program, "bun/latency.ts", project, {
          line: /^[a-z]+ at \d+(\.\d+)?, \d+\.\d ms away$/,
          linesOfSymbol: 1,
        }),
      ],
    };
    return [host];
  };
}
