/**
 * Fails if a tag is not the version that would be published:
 *
 *     deno task release:check v1.2.3
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { objections } from "./release.ts";

const [tag, ...more] = Deno.args;
if (tag === undefined || more.length > 0) {
  console.error("Give the name of one tag.");
  Deno.exit(2);
}
const changelog = await Deno.readTextFile(
  new URL("../../CHANGELOG.md", import.meta.url),
);
const said = objections(tag, { version: config.version, changelog });
for (const objection of said) console.error(objection);
if (said.length > 0) Deno.exit(1);
