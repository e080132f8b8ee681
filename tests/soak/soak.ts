/**
 * Uses pools for long, and looks whether anything is left or grows: memory,
 * timers, listeners, descriptors, sockets at the server.
 *
 *     deno task soak [--seconds N] [--fake N] [--real N] [--messages N] [--seed N]
 *
 * - `--seconds`: leases of all kinds against a server that misbehaves; 60
 *   where nothing else is asked for
 * - `--fake`, `--real`: so many leases on fake sockets, on real ones
 * - `--messages`: so many messages, each tagged with its lease
 * - `--seed`: repeats the choices
 *
 * @module
 */
import { seededRandom } from "../integration/random.ts";
import { soakFakeSockets, soakRealSockets } from "./cycles.ts";
import { soakMessages } from "./messages.ts";
import { pause } from "./meter.ts";
import { soakMix } from "./mix.ts";
import { ServerProcess } from "./server_process.ts";

type Soak = (
  amount: number,
  random: () => number,
  server: ServerProcess,
) => Promise<string>;

const SOAKS: ReadonlyMap<string, Soak> = new Map([
  ["--fake", soakFakeSockets],
  ["--real", soakRealSockets],
  ["--messages", soakMessages],
  ["--seconds", soakMix],
]);

function readOptions(args: readonly string[]): Map<string, number> {
  const options = new Map<string, number>();
  for (let index = 0; index < args.length; index += 2) {
    const name = args[index] ?? "";
    const value = Number(args[index + 1] ?? NaN);
    if (!SOAKS.has(name) && name !== "--seed") {
      throw new Error(`There is no option "${name}"`);
    }
    if (!(value > 0)) throw new Error(`${name} needs a number above 0`);
    options.set(name, value);
  }
  return options;
}

/** Deno (2.9.6) opens a pair of sockets of its own, for signals, half a second after its start: by then it has. */
const SETTLED = 1_000;

async function soakAll(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const seed = options.get("--seed") ?? Math.floor(Math.random() * 2 ** 31);
  options.delete("--seed");
  if (options.size === 0) options.set("--seconds", 60);
  console.log(`seed ${seed}`);
  await pause(Math.max(0, SETTLED - performance.now()));
  for (const [name, soak] of SOAKS) {
    const amount = options.get(name);
    if (amount === undefined) continue;
    // One each: what one soak has left at the server is not another's.
    await using server = await ServerProcess.start();
    const said = await soak(amount, seededRandom(seed), server);
    console.log(`${name} ${amount}: ${said}`);
  }
}

if (import.meta.main) {
  try {
    await soakAll(Deno.args);
  } catch (error) {
    const text = error instanceof Error ? error.stack : error;
    console.error(`\nnot ok: ${text}`);
    Deno.exit(1);
  }
}
