import { deadline } from "@std/async/deadline";
import { resolveWait } from "../call_options.ts";
import { LeaseReleasedError } from "../errors.ts";
import type { HookContext } from "../options.ts";
import type { Connection } from "./connection.ts";

/**
 * Runs a user's hook on a connection, until it settles or `signal` aborts.
 *
 * - The context is inert afterwards, also for a hook that goes on.
 * - A hook that throws synchronously rejects like any other.
 */
export async function runHook<Incoming, Outgoing, Result>(
  connection: Connection<Incoming, Outgoing>,
  signal: AbortSignal,
  hook: (
    context: HookContext<Incoming, Outgoing>,
  ) => Result | Promise<Result>,
): Promise<Result> {
  const validity = new AbortController();
  const context = createContext(connection, signal, validity.signal);
  try {
    const result = Promise.resolve(context).then(hook);
    return await deadline(result, Infinity, { signal });
  } finally {
    validity.abort();
    connection.cancelRead(hookIsOver());
  }
}

function createContext<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  signal: AbortSignal,
  validity: AbortSignal,
): HookContext<Incoming, Outgoing> {
  // async: a call after the end rejects, as a lease's does.
  const whileValid = async <T>(call: () => Promise<T>): Promise<T> => {
    if (validity.aborted) throw hookIsOver();
    return await call();
  };
  const context: HookContext<Incoming, Outgoing> = {
    id: connection.id,
    url: connection.shown,
    identity: connection.identity,
    protocol: connection.protocol,
    signal,
    send: (message, options) =>
      whileValid(() =>
        connection.send(
          connection.encode(message),
          resolveWait(options, "send"),
        )
      ),
    sendRaw: (data, options) =>
      whileValid(() => connection.send(data, resolveWait(options, "sendRaw"))),
    receive: (options) =>
      whileValid(() =>
        connection.receive(context, resolveWait(options, "receive"))
      ),
  };
  return Object.freeze(context);
}

function hookIsOver(): LeaseReleasedError {
  return new LeaseReleasedError(
    "The hook has settled: its connection can no longer be used through it",
  );
}
