/**
 * That the suite runs where it means to, and that its table tells the truth.
 *
 * @module
 */

import assert from "node:assert/strict";
import { capabilities } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import type { RuntimeName } from "./support/control.ts";
import { environment } from "./support/environment.ts";

/** Looked up in this order: Deno and Bun have Node's `process` too. */
const versions: Readonly<Record<RuntimeName, () => string | undefined>> = {
  deno: () => Reflect.get(globalThis, "Deno")?.version.deno,
  bun: () => Reflect.get(globalThis, "Bun")?.version,
  node: () => Reflect.get(globalThis, "process")?.versions.node,
  chromium: () => navigator.userAgent.match(/Chrome\/(\d+)/)?.[1],
};

conformance("this is the runtime, and the version, that was asked for", () => {
  const found = Object.entries(versions)
    .map(([name, version]) => [name, version()])
    .find(([, version]) => version !== undefined);
  assert.deepEqual(found, [environment.runtime, environment.version]);
});

conformance("the table of capabilities is true", () => {
  const { prototype } = WebSocket;
  const timer: unknown = setTimeout(() => {});
  clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  const found = {
    framePings: "ping" in prototype,
    terminate: "terminate" in prototype,
    unrefTimers: typeof timer === "object",
    webWorkers: typeof Worker === "function",
    processes: Reflect.has(globalThis, "process"),
  };
  const { framePings, terminate, unrefTimers, webWorkers, processes } =
    capabilities;
  assert.deepEqual(found, {
    framePings,
    terminate,
    unrefTimers,
    webWorkers,
    processes,
  });
});

conformance(
  "the table is true of messages that come together",
  async (server) => {
    const count = 50;
    let turns = 0;
    const turnsAtMessage: number[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = new WebSocket(server.url(`/burst/${count}`));
    socket.onmessage = () => {
      queueMicrotask(() => turns++);
      if (turnsAtMessage.push(turns) === count) resolve();
    };
    await promise;
    socket.onmessage = null;
    // The first may come by itself, with the end of the handshake.
    const found = (turnsAtMessage.at(-1) ?? 0) > 1;
    assert.equal(found, capabilities.spreadsBursts, `${turnsAtMessage}`);
  },
);

conformance("no runtime can tell a socket not to hold the process", () => {
  assert.ok(!("unref" in WebSocket.prototype));
});
