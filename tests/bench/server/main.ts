/**
 * The servers, in a process of their own: prints their addresses, and ends with
 * its standard input.
 *
 * @module
 */
import { BenchServer } from "./bench_server.ts";
import { selfSigned } from "./certificate.ts";

export interface Addresses {
  readonly plain: string;
  readonly secure: string;
}

async function main(): Promise<void> {
  await using plain = new BenchServer();
  await using secure = new BenchServer(await selfSigned());
  const addresses: Addresses = {
    plain: plain.address,
    secure: secure.address,
  };
  console.log(JSON.stringify(addresses));
  for await (const _ of Deno.stdin.readable);
}

if (import.meta.main) await main();
