/**
 * Every place where user code is called, crossed with everything that user
 * code may do there. The life of the pool is the same each time.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Unhandled } from "../support/unhandled.ts";
import { HOSTILE } from "./hostile_values.ts";
import { INTRUSIONS } from "./intrusions.ts";
import { Life } from "./life.ts";
import { type Place, PLACES, type UserFunction } from "./user_functions.ts";

/** One thing that user code may do. */
interface Deed {
  readonly name: string;
  /** Whether the first acquires succeed, in a harmless place. */
  readonly spares: boolean;
  create(life: () => Life): UserFunction;
}

/** Without DEEP every place meets some of the deeds, and every deed some of the places. */
const STRIDE = Deno.env.get("DEEP") ? 1 : 11;

/** An intruder that is called by what it does itself stops there. */
const MOST_INTRUSIONS = 5;

function deed(name: string, run: UserFunction): Deed {
  return { name, spares: true, create: () => run };
}

const HOSTILE_DEEDS: readonly Deed[] = [
  deed("hangs", () => new Promise<never>(() => {})),
  ...Object.entries(HOSTILE).flatMap(([name, make]) => [
    deed(`throws ${name}`, () => {
      throw make();
    }),
    deed(`rejects with ${name}`, () => Promise.reject(make())),
    deed(`returns ${name}`, make),
  ]),
];

function intrusions(place: Place): Deed[] {
  return Object.entries(INTRUSIONS).map(([name, intrude]): Deed => ({
    name,
    spares: false,
    create: (life) => {
      let count = 0;
      return (...given) => {
        if (++count <= MOST_INTRUSIONS) intrude(life());
        return place.name === "websocket.factory"
          ? Reflect.apply(life().virtual.network.factory, undefined, given)
          : place.honest?.(...given);
      };
    },
  }));
}

async function liveThrough(place: Place, deed: Deed): Promise<void> {
  const life: Life = new Life(place, deed.create(() => life));
  await using _virtual = life.virtual;
  await life.run(deed.spares && place.isHarmless);
}

/** Lives through each deed; whatever goes wrong names it. */
async function liveThroughAll(
  place: Place,
  deeds: readonly Deed[],
): Promise<void> {
  const { error, warn } = console;
  console.error = console.warn = () => {};
  using unhandled = new Unhandled();
  try {
    for (const deed of deeds) {
      const title = `${place.name}: ${deed.name}`;
      try {
        await liveThrough(place, deed);
      } catch (cause) {
        throw new Error(title, { cause });
      }
      assertEquals(unhandled.seen, [], title);
    }
  } finally {
    Object.assign(console, { error, warn });
  }
  const seen = await unhandled.take();
  assert(seen.length === 0, `${place.name}: unhandled ${Deno.inspect(seen)}`);
}

PLACES.forEach((place, index) => {
  const some = (_: Deed, turn: number) => (turn + index) % STRIDE === 0;
  Deno.test(`4.9 F53-F57 ${place.name} that throws, rejects, hangs or returns anything`, () =>
    liveThroughAll(place, HOSTILE_DEEDS.filter(some)));
  Deno.test(`4.9 F49 F57 ${place.name} that uses the pool that calls it`, () =>
    liveThroughAll(place, intrusions(place).filter(some)));
});
