/**
 * Runs the conformance suite and the examples on every runtime:
 *
 *     deno task runtimes
 *     deno task runtimes --only node24 --only bun
 *
 * @module
 */

import { parseArgs } from "node:util";
import { openBun } from "./hosts/bun.ts";
import { openChromium } from "./hosts/chromium.ts";
import { openDeno } from "./hosts/deno.ts";
import {
  type Host,
  HOST_NAMES,
  type HostName,
  type Opener,
} from "./hosts/host.ts";
import { openNode } from "./hosts/node.ts";
import type { Absence, Report } from "./result.ts";
import { ServerProcess } from "./server_process.ts";
import { complaints, table, total } from "./verdict.ts";
import { makePackage } from "./workshop.ts";

/** In the versions that README.md names. */
const OPENERS: Readonly<Record<HostName, Opener>> = {
  deno: openDeno,
  node24: openNode("24.21.0"),
  node26: openNode("26.10.0"),
  bun: openBun("1.4.5"),
  chromium: openChromium,
};

function isHostName(text: string): text is HostName {
  return HOST_NAMES.some((name) => name === text);
}

/** @throws {TypeError} For a name that is none */
function wanted(args: readonly string[]): readonly HostName[] {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: "string", multiple: true } },
  });
  if (values.only === undefined) return HOST_NAMES;
  return values.only.flatMap((text) => text.split(",")).map((text) => {
    if (isHostName(text)) return text;
    throw new TypeError(`--only takes ${HOST_NAMES.join(", ")}, not ${text}`);
  });
}

async function reportOf(host: Host): Promise<Report> {
  console.log(`── ${host.title}: version ${host.version}`);
  const began = performance.now();
  // A server of its own: nothing that one runtime leaves is met by the next.
  await using server = await ServerProcess.start();
  const cases = await host.runCases(server.address);
  const examples = await host.runExamples();
  const seconds = (performance.now() - began) / 1_000;
  const { title, version } = host;
  return { title, version, cases, examples, seconds };
}

/** @returns Whether everything passed */
async function main(args: readonly string[]): Promise<boolean> {
  const names = wanted(args);
  console.log(`── installing for ${names.join(", ")}`);
  const library = await makePackage();
  const opened = await Promise.all(
    names.map((name) => OPENERS[name](library)),
  );
  const reports: Report[] = [];
  const absences: Absence[] = [];
  for (const host of opened.flat()) {
    if ("reason" in host) absences.push(host);
    else reports.push(await reportOf(host));
  }
  const wrong = complaints(reports);
  for (const complaint of wrong) console.error(`\n${complaint}`);
  console.log(`\n${table(reports, absences)}\n`);
  console.log(total(reports));
  // A run on nothing is no pass.
  return wrong.length === 0 && reports.length > 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args) ? 0 : 1);
  } catch (error) {
    // A wrong argument: its text says what would be right.
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}
