/**
 * What holds a process, and what does not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { capabilities } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import { Program } from "./support/program.ts";

conformance(
  "4.8 a script ends by itself after `await using pool`",
  async (server) => {
    await using program = await Program.start("streams", server.baseUrl);
    assert.deepEqual(await program.end(), {
      code: 0,
      lines: ["hello", "POOL_CLOSED", "POOL_CLOSED", "left the block"],
    });
    await server.until({ total: 2, open: 0 });
  },
  { needs: "processes" },
);

conformance(
  "4.8 an abandoned socket holds the process until its peer is gone",
  async (server) => {
    await using program = await Program.start("unanswered", server.baseUrl);
    const line = `abandoned ${capabilities.terminate ? 0 : 1}`;
    assert.equal(await program.firstLine(), line);
    await server.end();
    assert.deepEqual(await program.end(), { code: 0, lines: [line] });
  },
  { needs: "processes" },
);
