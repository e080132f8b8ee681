/** The workflows call tasks that exist, and do nothing else. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parse } from "yaml";
import config from "../../deno.json" with { type: "json" };
import { HOST_NAMES } from "../runtimes/hosts/host.ts";

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

interface Job {
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: {
    readonly matrix: Readonly<Record<string, readonly string[]>>;
  };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const ROOT = new URL("../../", import.meta.url);
const FOLDER = new URL(".github/workflows/", ROOT);

function workflows(): Map<string, Workflow> {
  const found = new Map<string, Workflow>();
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
    // Twice the same key, and whatever else is not quite YAML, throws.
    const workflow: Workflow = parse(text, { strict: true });
    found.set(name, workflow);
  }
  return found;
}

const jobs = [...workflows()].flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ name: `${file} ${name}`, job }))
);
const steps = jobs.flatMap(({ name, job }) =>
  job.steps.map((step) => ({ name, step }))
);

Deno.test("there is a workflow for changes and one for releases", () => {
  assertEquals([...workflows().keys()].sort(), ["ci.yml", "publish.yml"]);
});

Deno.test("a step of a workflow runs one task of deno.json", () => {
  const runs = steps.flatMap(({ step }) => step.run ?? []);
  assert(runs.length > 5, "the search found nothing");
  for (const run of runs) {
    assertMatch(
      run,
      /^deno task [\w:]+( --only \$\{\{ matrix\.\w+ \}\}| "\$\w+")?$/,
    );
    const [, , task = ""] = run.split(" ");
    assert(task in config.tasks, `"${run}": there is no task ${task}`);
  }
});

Deno.test("a workflow uses actions of these makers, by their major version", () => {
  const used = new Set(steps.flatMap(({ step }) => step.uses ?? []));
  assert(used.size > 0, "the search found nothing");
  for (const action of used) {
    assertMatch(action, /^(?:actions|denoland)\/[\w-]+@v\d+$/);
  }
});

Deno.test("the workflows have the Deno of .ci/run", async () => {
  const text = await Deno.readTextFile(new URL(".ci/run", ROOT));
  const version = text.match(/version=([\d.]+)/)?.[1];
  const set = steps.filter(({ step }) => step.uses?.includes("setup-deno"));
  assertEquals(set.length, jobs.length);
  for (const { name, step } of set) {
    assertEquals(step.with?.["deno-version"], version, name);
  }
});

Deno.test("a job has an end, and writes nowhere but where it releases", () => {
  for (const { name, job } of jobs) {
    assert(job["timeout-minutes"] !== undefined, `${name} has no time limit`);
    if (name !== "publish.yml publish") {
      assertEquals(job.permissions, undefined, name);
    }
  }
  for (const { permissions } of workflows().values()) {
    assertEquals(permissions, { contents: "read" });
  }
});

Deno.test("JSR gets its proof of origin, and only after every check", () => {
  const job = workflows().get("publish.yml")?.jobs["publish"];
  assertEquals(job?.permissions?.["id-token"], "write");
  const order = job?.steps.flatMap(({ run }) => run?.split(" ")[2] ?? []);
  assertEquals(order, [
    "release:check",
    "ok",
    "npm:check",
    "release:publish",
    "release:attach",
  ]);
});

Deno.test("every runtime has a job of its own", () => {
  const job = workflows().get("ci.yml")?.jobs["runtimes"];
  assertEquals(job?.strategy?.matrix, { runtime: [...HOST_NAMES] });
});
