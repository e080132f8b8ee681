import { assertEquals } from "@std/assert";
import { standardLibraryFlags } from "../../offline/flags.ts";

Deno.test("4.11 F52 a handle garbage-collected unreleased: a leak event, and its connection is discarded", async () => {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-qA",
      ...await standardLibraryFlags(),
      "--v8-flags=--expose-gc",
      "tests/unit/pool/programs/forgotten_lease.ts",
    ],
    cwd: new URL("../../../", import.meta.url),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
    leaks: [{
      reason: "collected",
      connectionId: 6,
      url: "wss://h.example/forgotten",
      hasStack: true,
    }],
    // Passed on, kept, read and flow.
    activeConnections: 4,
    discarded: 1,
    closed: 1,
    isKept: true,
    isPassed: true,
  });
});
