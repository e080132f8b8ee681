/**
 * Stands in for `@std/testing/bdd` where JSR is out of reach: suites, cases,
 * hooks, `only`, `skip` and `ignore`, in the form `(name, fn)`.
 *
 * Built on `Deno.test` as the original is, not on `node:test`: under the latter
 * Deno's sanitizers see nothing. Other call forms do not compile, and hooks
 * outside a suite throw.
 *
 * @module
 */

type Work = () => void | Promise<void>;
type CaseWork = (t: Deno.TestContext) => void | Promise<void>;
type Mode = "run" | "only" | "ignore";
type HookName = "beforeAll" | "afterAll" | "beforeEach" | "afterEach";

interface Case {
  readonly kind: "case";
  readonly name: string;
  readonly mode: Mode;
  readonly work: CaseWork;
}

interface Suite {
  readonly kind: "suite";
  readonly name: string;
  readonly mode: Mode;
  readonly steps: (Case | Suite)[];
  readonly hooks: Record<HookName, Work[]>;
}

/** Registers, with variants that focus on it or leave it out. */
export interface Registrar<Fn> {
  (name: string, fn: Fn): void;
  /** Only what is registered so runs, within the enclosing suite. */
  only(name: string, fn: Fn): void;
  /** Listed, not run. */
  ignore(name: string, fn: Fn): void;
  /** The same as `ignore`. */
  skip(name: string, fn: Fn): void;
}

/** The suite whose callback is running: what is registered belongs to it. */
let current: Suite | undefined;

/** Groups cases and hooks. */
export const describe: Registrar<() => void> = registrar(addSuite);

/** One case. */
export const it: Registrar<CaseWork> = registrar(addCase);

/** The same as `it`. */
export const test: Registrar<CaseWork> = it;

/** Runs once before the cases of the suite. */
export const beforeAll: (fn: Work) => void = hook("beforeAll");

/** Runs once after the cases of the suite. */
export const afterAll: (fn: Work) => void = hook("afterAll");

/** Runs before each case, those of outer suites first. */
export const beforeEach: (fn: Work) => void = hook("beforeEach");

/** Runs after each case, those of inner suites first. */
export const afterEach: (fn: Work) => void = hook("afterEach");

function registrar<Fn>(
  add: (name: string, mode: Mode, fn: Fn) => void,
): Registrar<Fn> {
  return Object.assign((name: string, fn: Fn) => add(name, "run", fn), {
    only: (name: string, fn: Fn) => add(name, "only", fn),
    ignore: (name: string, fn: Fn) => add(name, "ignore", fn),
    skip: (name: string, fn: Fn) => add(name, "ignore", fn),
  });
}

function addSuite(name: string, mode: Mode, fn: () => void): void {
  const hooks = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
  const suite: Suite = { kind: "suite", name, mode, steps: [], hooks };
  const outer = current;
  current = suite;
  try {
    if (mode !== "ignore") fn();
  } finally {
    current = outer;
  }
  register(suite);
}

function addCase(name: string, mode: Mode, work: CaseWork): void {
  register({ kind: "case", name, mode, work });
}

function register(step: Case | Suite): void {
  if (current !== undefined) {
    current.steps.push(step);
    return;
  }
  Deno.test({
    name: step.name,
    only: isFocused(step),
    ignore: step.mode === "ignore",
    fn: (t) => run(t, step, []),
  });
}

function hook(name: HookName): (fn: Work) => void {
  return (fn) => {
    if (current === undefined) {
      throw new Error(`Cannot register ${name}: there is no suite around it`);
    }
    current.hooks[name].push(fn);
  };
}

function isFocused(step: Case | Suite): boolean {
  return step.mode === "only" ||
    step.kind === "suite" && step.steps.some(isFocused);
}

async function run(
  t: Deno.TestContext,
  step: Case | Suite,
  outer: readonly Suite[],
): Promise<void> {
  if (step.kind === "case") return await runCase(t, step, outer);
  const focused = step.steps.filter(isFocused);
  const chosen = focused.length > 0 ? focused : step.steps;
  for (const work of step.hooks.beforeAll) await work();
  try {
    for (const inner of chosen) {
      await t.step({
        name: inner.name,
        ignore: inner.mode === "ignore",
        fn: (t) => run(t, inner, [...outer, step]),
      });
    }
  } finally {
    for (const work of step.hooks.afterAll) await work();
  }
}

async function runCase(
  t: Deno.TestContext,
  step: Case,
  [suite, ...inner]: readonly Suite[],
): Promise<void> {
  if (suite === undefined) return await step.work(t);
  for (const work of suite.hooks.beforeEach) await work();
  try {
    await runCase(t, step, inner);
  } finally {
    for (const work of suite.hooks.afterEach) await work();
  }
}
