/**
 * Builds the npm package and checks it as its users meet it:
 *
 *     deno task npm:check
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { minifiedBundle } from "./bundle.ts";
import { run } from "./command.ts";
import { checkContents } from "./contents.ts";
import { checkEcho } from "./echo.ts";
import { checkInstalled, installWithBun, installWithNpm } from "./install.ts";
import { DIST, tarballPath } from "./layout.ts";
import { buildPackage } from "./package.ts";
import { locate } from "./programs.ts";
import { describeSize, excess, measure } from "./size.ts";
import { checkTypes, TYPE_CHECKS } from "./type_checks.ts";
import { makeProject } from "./user_project.ts";

const TARBALL = tarballPath(DIST);

async function checkAll(scratch: string): Promise<void> {
  const folder = async (name: string) => {
    await Deno.mkdir(`${scratch}/${name}`);
    return `${scratch}/${name}`;
  };
  await step("it builds", () => buildPackage(DIST));
  await step("what is in it", () => checkContents(DIST));
  await step("it has not grown", async () => {
    const size = measure(await minifiedBundle());
    for (const line of describeSize(size)) console.log(`  ${line}`);
    assertEquals(excess(size), []);
  });
  await step("building it again gives the same bytes", async () => {
    const again = await folder("again");
    await buildPackage(again);
    assertEquals(
      await Deno.readFile(tarballPath(again)),
      await Deno.readFile(TARBALL),
    );
  });

  const withNpm = await folder("npm");
  await step("npm installs it without a registry", async () => {
    await installWithNpm(TARBALL, withNpm);
    await checkInstalled(withNpm);
  });
  const bun = await locate("bun");
  const withBun = await folder("bun");
  await step(`Bun ${bun.version} installs it without a registry`, async () => {
    await installWithBun(bun.path, TARBALL, withBun);
    await checkInstalled(withBun);
  });

  const project = await folder("project");
  await step("a project with its tools", () => makeProject(TARBALL, project));
  const node = await locate("node");
  await step(
    `Node ${node.version} runs it`,
    () => checkEcho(node.path, [], project),
  );
  await step(
    `Bun ${bun.version} runs it`,
    () => checkEcho(bun.path, [], project),
  );
  await step(
    `Deno ${Deno.version.deno} runs it`,
    () => checkEcho(Deno.execPath(), ["run", "-A"], project),
  );
  for (const check of TYPE_CHECKS) {
    await step(`types: ${check.name}`, () => checkTypes(check, project));
  }
  const tool = (name: string, ...args: string[]) =>
    run("node", [`node_modules/.bin/${name}`, ...args, TARBALL], {
      cwd: project,
    });
  await step("publint", () => tool("publint", "--strict"));
  await step(
    "are the types wrong?",
    // Those who `require` it get the same module: the Node it is for can.
    () => tool("attw", "--profile=esm-only"),
  );
}

let passed = 0;

async function step(
  name: string,
  check: () => Promise<unknown>,
): Promise<void> {
  const began = performance.now();
  try {
    await check();
  } catch (error) {
    console.error(`not ok: ${name}`);
    throw error;
  }
  passed++;
  const took = (performance.now() - began) / 1000;
  console.log(`ok ${took.toFixed(1).padStart(5)} s  ${name}`);
}

const scratch = await Deno.makeTempDir({ prefix: "npm-check-" });
try {
  await checkAll(scratch);
} finally {
  await Deno.remove(scratch, { recursive: true });
}
console.log(`${passed} passed, 0 failed`);
