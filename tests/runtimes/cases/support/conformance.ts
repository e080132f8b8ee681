import { test } from "node:test";
import { type Capabilities, capabilities } from "./capabilities.ts";
import { environment } from "./environment.ts";
import { Remote } from "./remote.ts";
import { within } from "./waiting.ts";

/** What a case is about, if not every runtime has it. */
interface Condition {
  readonly needs?: keyof Capabilities;
  readonly lacks?: keyof Capabilities;
}

/** A case: the same on every runtime, or left out where it is about nothing. */
export function conformance(
  title: string,
  body: (server: Remote) => void | Promise<void>,
  { needs, lacks }: Condition = {},
): void {
  const skip = (needs !== undefined && !capabilities[needs]) ||
    (lacks !== undefined && capabilities[lacks]);
  test(title, { skip }, async () => {
    const server = new Remote(environment.server);
    try {
      await within(Promise.resolve(body(server)));
    } finally {
      await server.end();
    }
  });
}
