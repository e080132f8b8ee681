/**
 * The smoke cases, in a worker: answers the server's address with each case's
 * title and, if it failed, why.
 *
 * @module
 */

import type { ServerAddress } from "../support/control.ts";
import { Remote } from "../support/remote.ts";
import { smokeCases } from "../support/smoke.ts";

/** The way to whoever started the worker. */
interface Port {
  postMessage(result: { title: string; failure?: string }): void;
  listen(listener: (address: ServerAddress) => void): void;
}

async function portHere(): Promise<Port> {
  if ("postMessage" in globalThis) {
    return {
      postMessage: (result) => globalThis.postMessage(result),
      listen: (listener) =>
        globalThis.addEventListener("message", ({ data }) => listener(data)),
    };
  }
  const { parentPort } = await import("node:worker_threads");
  return {
    postMessage: (result) => parentPort?.postMessage(result),
    listen: (listener) => parentPort?.on("message", listener),
  };
}

const port = await portHere();
port.listen(async (address) => {
  for (const [title, body] of Object.entries(smokeCases)) {
    const server = new Remote(address);
    try {
      await body(server);
      port.postMessage({ title });
    } catch (error) {
      port.postMessage({ title, failure: `${error}` });
    } finally {
      await server.end();
    }
  }
});
