import { runSuite } from "../command_line_suite.ts";
import { caseFiles, executable, makeProject, npmInstall } from "../workshop.ts";
import { runExample } from "./examples.ts";
import type { Host, Opener } from "./host.ts";

/** Node in one version, with the npm package. */
export function openNode(version: string): Opener {
  const [major] = version.split(".");
  return async (library): Promise<Host[]> => {
    const [program, project] = await Promise.all([
      executable("node", version),
      makeProject(
        `project-node${major}`,
        (folder) => npmInstall(folder, library.tarball),
      ),
    ]);
    const host: Host = {
      title: `Node ${major}, npm package`,
      version,
      runCases: (server) =>
        runSuite({
          name: `node${major}`,
          program,
          args: (report) => [
            "--test",
            "--test-reporter=spec",
            "--test-reporter-destination=stdout",
            "--test-reporter=junit",
            `--test-reporter-destination=${report}`,
            ...caseFiles().map((file) => `cases/${file}`),
          ],
          cwd: project,
          environment: { runtime: "node", version, server, command: [program] },
        }),
      runExamples: async () => [
        await runExample(program, "node/streams.mts", project, {
          line: /^[a-z]+ \d+(\.\d+)?$/,
          linesOfSymbol: 3,
        }),
      ],
    };
    return [host];
  };
}
