import { assertEquals } from "@std/assert";
import { standardLibraryFlags } from "../offline/flags.ts";

const AMOUNTS = [
  ["--fake", 30_000],
  ["--real", 1_000],
  ["--messages", 10_000],
  ["--seconds", 8],
] as const;

Deno.test({
  name:
    "F89 4.8 4.4 nothing grows and nothing is left, however leases end and whatever the server does",
  ignore: Deno.env.get("DEEP") === undefined,
  fn: async () => {
    const program = new URL("soak.ts", import.meta.url).href;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--v8-flags=--expose-gc",
        ...await standardLibraryFlags(),
        program,
        ...AMOUNTS.flat().map(String),
      ],
      cwd: new URL("../../", import.meta.url),
    }).output();
    const decoder = new TextDecoder();
    const said = decoder.decode(stdout);
    assertEquals(code, 0, said + decoder.decode(stderr));
    const told = said.split("\n").map((line) => line.split(" ")[0] ?? "");
    assertEquals(
      told.filter((word) => word.startsWith("--")),
      AMOUNTS.map(([name]) => name),
    );
  },
});
