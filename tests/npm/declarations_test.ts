import { assertEquals, assertStringIncludes } from "@std/assert";
import { withAliases } from "./declarations.ts";

Deno.test("a declaration brings the names of lib.dom that it uses, and no others", () => {
  const text = "export declare function f(headers: HeadersInit): void;\n";
  const added = withAliases(text).slice(text.length);
  assertStringIncludes(added, "type HeadersInit = ");
  assertEquals(added.match(/\btype \w+/g), ["type HeadersInit"]);
});

Deno.test("a name is a whole word: one does not bring the others", () => {
  const text =
    "export declare function f(options: AddEventListenerOptions): void;\n";
  assertEquals(withAliases(text).match(/\btype \w+/g), [
    "type AddEventListenerOptions",
  ]);
  assertEquals(withAliases("declare const x: 1;"), "declare const x: 1;");
});
