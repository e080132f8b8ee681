/**
 * Builds the npm package into `dist/`, and says how large it is:
 *
 *     deno task npm
 *
 * @module
 */
import { minifiedBundle } from "./bundle.ts";
import { DIST, packageFolder, ROOT_PATH, tarballPath } from "./layout.ts";
import { buildPackage } from "./package.ts";
import { bytes, describeSize, excess, measure } from "./size.ts";

await buildPackage(DIST);
for (
  const path of [`${packageFolder(DIST)}/mod.js`, tarballPath(DIST)]
) {
  const { size } = await Deno.stat(path);
  console.log(`${path.slice(ROOT_PATH.length)}  ${bytes(size)}`);
}
const size = measure(await minifiedBundle());
for (const line of describeSize(size)) console.log(line);
const tooLarge = excess(size);
if (tooLarge.length > 0) {
  console.error(`The library has grown: ${tooLarge.join("; ")}.`);
  Deno.exit(1);
}
