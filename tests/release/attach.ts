/**
 * Makes the release of a tag on GitHub, with the npm package that
 * `deno task npm` built, and what the changelog says:
 *
 *     deno task release:attach v1.2.3
 *
 * It needs the program `gh`, and its permission in `GH_TOKEN`.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { run } from "../npm/command.ts";
import { DIST, ROOT, ROOT_PATH, tarballPath } from "../npm/layout.ts";
import { objections, sectionOf } from "./release.ts";

const [tag = ""] = Deno.args;
const release = {
  version: config.version,
  changelog: await Deno.readTextFile(new URL("CHANGELOG.md", ROOT)),
};
const said = objections(tag, release);
if (said.length > 0) throw new Error(said.join(" "));
console.log(
  await run("gh", [
    "release",
    "create",
    tag,
    tarballPath(DIST),
    "--verify-tag",
    `--title=${tag}`,
    `--notes=${sectionOf(release)?.notes ?? ""}`,
  ], { cwd: ROOT_PATH }),
);
