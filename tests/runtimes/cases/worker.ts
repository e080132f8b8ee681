/**
 * The library inside a worker.
 *
 * @module
 */

import assert from "node:assert/strict";
import { capabilities } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import type { ServerAddress } from "./support/control.ts";
import { smokeCases } from "./support/smoke.ts";

interface Result {
  readonly title: string;
  readonly failure?: string;
}

/** What both kinds of worker have. */
interface AnyWorker {
  postMessage(address: ServerAddress): void;
  terminate(): unknown;
}

const program = new URL("./workers/smoke.ts", import.meta.url);

function startWebWorker(
  heard: (result: Result) => void,
  failed: (error: Error) => void,
): AnyWorker {
  const worker = new Worker(program, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Result>) => heard(data);
  worker.onerror = (event) => {
    event.preventDefault();
    failed(new Error(event.message));
  };
  return worker;
}

/** Node's workers are of a kind of its own. */
async function startNodeWorker(
  heard: (result: Result) => void,
  failed: (error: Error) => void,
): Promise<AnyWorker> {
  const { Worker } = await import("node:worker_threads");
  return new Worker(program).on("message", heard).on("error", failed);
}

conformance("what the first page promises, inside a worker", async (server) => {
  const titles = Object.keys(smokeCases);
  const results: Result[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const heard = (result: Result) => {
    if (results.push(result) === titles.length) resolve();
  };
  const start = capabilities.webWorkers ? startWebWorker : startNodeWorker;
  const worker = await start(heard, reject);
  worker.postMessage(server.address);
  try {
    await promise;
  } finally {
    await worker.terminate();
  }
  assert.deepEqual(results, titles.map((title) => ({ title })));
});
