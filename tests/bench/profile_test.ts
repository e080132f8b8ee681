import { assertEquals } from "@std/assert";
import { type CpuProfile, sharesOf, showProfile } from "./profile.ts";

function frame(id: number, functionName: string, url: string) {
  return { id, callFrame: { functionName, url } };
}

const profile: CpuProfile = {
  nodes: [
    frame(1, "(program)", ""),
    frame(2, "acquire", "file:///somewhere/pool.js"),
    frame(3, "", "file:///somewhere/pool.js"),
    // The same function, called by another.
    frame(4, "acquire", "file:///somewhere/pool.js"),
    frame(5, "rare", "file:///somewhere/pool.js"),
    frame(6, "(idle)", ""),
  ],
  samples: [1, 2, 3, 4, 6, 5, 2],
  timeDeltas: [196, 200, 200, 200, 700, 4, 200],
};

Deno.test("bench: a profile adds up what a function took, wherever it was called, without the waiting", () => {
  assertEquals(sharesOf(profile), [
    ["acquire pool.js", 0.6],
    ["(anonymous) pool.js", 0.2],
    ["(program)", 0.196],
  ]);
});

Deno.test("bench: a function that is called by its file's path goes by the file's name", () => {
  assertEquals(
    sharesOf({
      nodes: [
        frame(1, "../../somebody/cache/package/index.js", "file:///a.js"),
      ],
      samples: [1],
      timeDeltas: [100],
    }),
    [["index.js a.js", 1]],
  );
});

Deno.test("bench: a profile is shown as shares of the figure, if that is a time", () => {
  assertEquals(
    showProfile("pool", 250, "per second", profile),
    [
      "",
      "pool: 4.00 M/s",
      "  60.0 %   150 ns  acquire pool.js",
      "  20.0 %  50.0 ns  (anonymous) pool.js",
      "  19.6 %  49.0 ns  (program)",
    ].join("\n"),
  );
  assertEquals(
    showProfile("pool", 250, "bytes", profile).split("\n")[2],
    "  60.0 %           acquire pool.js",
  );
});
