import type { PooledConnection } from "../../mod.ts";
import { observe, type Observed } from "./virtual_pool.ts";

/** Reads a connection to its end. */
export function readAll<T>(conn: PooledConnection<T>): {
  readonly messages: T[];
  readonly end: Observed<void>;
} {
  const messages: T[] = [];
  const loop = async () => {
    for await (const message of conn) messages.push(message);
  };
  return { messages, end: observe(loop()) };
}
