/**
 * Pools full of secrets, living through any sequence of mishaps: canaries that
 * stand for the secrets are looked for in all that is to be seen of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { RuntimeName } from "../support/runtime_profile.ts";
import { reveal } from "./reveal.ts";
import { runs, seeded } from "./runs.ts";
import { CANARIES, SecretLife } from "./secret_life.ts";

const RUNTIMES: readonly RuntimeName[] = ["deno", "node", "bun", "chromium"];

const STEPS = {
  "acquire": (life: SecretLife) => life.acquire(),
  "acquire now": (life: SecretLife) => life.acquire({ timeout: 0 }),
  "acquire a fresh one": (life: SecretLife) => life.acquire({ fresh: true }),
  "mistake": (life: SecretLife) => life.mistake(),
  "refuse": (life: SecretLife) => life.fail("refuse"),
  "hang": (life: SecretLife) => life.fail("hang"),
  "throw": (life: SecretLife) => life.fail("throw"),
  "disagree": (life: SecretLife) => life.fail("disagree"),
  "wrong address": (life: SecretLife) => life.spoil("address"),
  "wrong headers": (life: SecretLife) => life.spoil("headers"),
  "mend": (life: SecretLife) => life.mend(),
  "use": (life: SecretLife) => life.use(),
  "hear no JSON": (life: SecretLife) => life.hear(CANARIES.received),
  "hear": (life: SecretLife) => life.hear(`"${CANARIES.received}"`),
  "hear what is invalid": (life: SecretLife) =>
    life.hear(`"invalid ${CANARIES.received}"`),
  "hear too much": (life: SecretLife) =>
    life.hear(`"${CANARIES.received.repeat(100)}"`),
  "break": (life: SecretLife) => life.end("reset"),
  "end": (life: SecretLife) => life.end("close"),
  "release": (life: SecretLife) => life.release(),
  "look": (life: SecretLife) => life.look(),
  "wait": (life: SecretLife) => life.virtual.clock.rush(90),
  "wait long": (life: SecretLife) => life.virtual.clock.rush(900),
} as const;

type StepName = keyof typeof STEPS;

const FIRST_STEPS: readonly StepName[] = [
  "acquire",
  "hear no JSON",
  "use",
  "hear what is invalid",
  "use",
];

const stepNames = Object.keys(STEPS).filter((name): name is StepName =>
  name in STEPS
);

function assertSecret(seen: readonly unknown[]): void {
  for (const thing of seen) {
    const text = reveal(thing);
    for (const [name, canary] of Object.entries(CANARIES)) {
      const at = text.indexOf(canary);
      assert(
        at < 0,
        `${name} in …${text.slice(Math.max(0, at - 300), at + 20)}`,
      );
    }
  }
}

Deno.test(
  seeded("4.10 F85 F90 no secret is to be seen, whatever happens"),
  async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...stepNames), {
          minLength: 4,
          maxLength: 24,
        }),
        fc.constantFrom(...RUNTIMES),
        async (steps, runtime) => {
          const life = new SecretLife(runtime);
          await using virtual = life.virtual;
          // What goes wrong with a lease that is read goes wrong each time.
          for (const name of FIRST_STEPS) {
            STEPS[name](life);
            await virtual.clock.settle();
          }
          for (const name of steps) {
            STEPS[name](life);
            await virtual.clock.settle();
          }
          life.look();
          life.close();
          await virtual.clock.advance(6_000);
          life.acquire();
          life.use();
          await virtual.clock.settle();
          life.look();
          assertSecret(life.seen);
          for (const thing of life.seen) {
            if (thing instanceof Error) kinds.add(thing.name);
            if (thing instanceof Event) kinds.add(thing.type);
          }
        },
      ),
      runs(15, 500),
    );
    // The steps do lead to errors and events of most kinds.
    assert(kinds.size > 8, [...kinds].join());
  },
);

Deno.test("4.10 the canaries are where they belong, and would be found", async () => {
  const life = new SecretLife("deno");
  await using virtual = life.virtual;
  life.acquire();
  await virtual.clock.settle();
  life.use();
  await virtual.clock.advance(250);
  const [dial] = virtual.network.dials;
  assert(dial !== undefined);
  const where = JSON.stringify([
    dial.url,
    dial.protocols,
    [...dial.headers ?? []],
    virtual.network.sockets.map(({ sent }) => sent),
  ]);
  for (
    const name of ["resolved", "header", "protocol", "sent", "ping"] as const
  ) {
    assert(where.includes(CANARIES[name]), name);
  }
  const hidden = Object.defineProperty(new Error("x"), "y", {
    value: new Map([["k", { z: CANARIES.sent }]]),
    enumerable: false,
  });
  const found = [hidden, new Error("x", { cause: hidden })]
    .map((thing) => reveal(thing).includes(CANARIES.sent));
  assertEquals(found, [true, true]);
});
