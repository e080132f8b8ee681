/**
 * Addresses put together from everything that URL parsers treat specially.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { resolveAddress, toAddress } from "../../src/address.ts";
import { createVirtualPool, observe } from "../support/virtual_pool.ts";
import { runs, seeded } from "./runs.ts";

const BASES = [
  "wss://h.example",
  "wss://h.example:8443/v1",
  "wss://h.example/v1/?key=a",
  "ws://user:word@h.example/a%2Fb/",
  "https://h.example/v1?x=1&y",
].map((base) => {
  const url = new URL(base);
  if (url.protocol === "https:") url.protocol = "wss:";
  return url;
});

/** What leads away, or looks as if it did. */
const piece = fc.oneof(
  fc.constantFrom(
    "/",
    "//",
    "///",
    "\\",
    "/\\",
    ".",
    "..",
    "...",
    "/./",
    "/../",
  ),
  fc.constantFrom("%2e", "%2E", ".%2e", "%2e%2E", "%252e", "%2f", "%5c", "%00"),
  fc.constantFrom(
    "@",
    "u@",
    "u:p@",
    ":",
    ":80",
    ":443",
    "?",
    "??",
    "#",
    "&",
    "=",
  ),
  fc.constantFrom("evil.example", "//evil.example", "[::1]", "127.1", "0x7f.1"),
  fc.constantFrom("wss:", "ws:", "http:", "file:", "javascript:", "data:,"),
  fc.constantFrom(
    "\t",
    "\n",
    "\r",
    "\0",
    " ",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
  ),
  fc.constantFrom(
    "\uff0f",
    "\uff0e\uff0e",
    "\u3002",
    "\u2024",
    "\u2215",
    "\u29f8",
  ),
  fc.constantFrom(
    "\ud800",
    "\udfff",
    "\u{1f600}",
    "\u00ad",
    "\u200d",
    "%",
    "%zz",
  ),
  fc.constantFrom(
    "a",
    "v1",
    "ws",
    "b=1",
    "x y",
    ";",
    "|",
    "<",
    '"',
    "`",
    "{",
    "^",
  ),
  fc.string({ unit: "binary", maxLength: 3 }),
);

const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

/** A scheme at the very begin makes a full URL of it, which is taken whole (4.1). */
function isFullUrl(given: string): boolean {
  const colon = given.indexOf(":");
  return colon > 0 && /^[a-z][a-z0-9+.-]*$/i.test(given.slice(0, colon));
}

/** What 4.11 refuses in a path, in other words than the library's. */
function isRefused(path: string): boolean {
  for (const character of path) {
    if (character < " " || character === "\x7f") return true;
    if (character === "\\" || character === "#") return true;
  }
  if (path.startsWith("//")) return true;
  const [pathname = ""] = path.split("?");
  return pathname.split("/").some((segment) =>
    segment.replace(/%2e/gi, ".") === ".."
  );
}

/** Resolves. @returns Nothing for what is refused as it should be */
function resolve(given: string, base: URL | undefined): URL | undefined {
  try {
    return resolveAddress(given, base);
  } catch (error) {
    assert(error instanceof TypeError, `${error}`);
    assert(error.message.startsWith("Invalid WebSocket address: "));
    return undefined;
  }
}

Deno.test(
  seeded("4.1 no path leads away from baseUrl, whatever is in it"),
  () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...BASES), text, (base, path) => {
        if (isFullUrl(path)) return;
        const url = resolve(path, base);
        assertEquals(url === undefined, isRefused(path), path);
        if (url === undefined) return;
        taken++;
        for (
          const part of ["protocol", "host", "username", "password"] as const
        ) {
          assertEquals(url[part], base[part], `${part} of ${url.href}`);
        }
        const below = base.pathname.endsWith("/")
          ? base.pathname
          : `${base.pathname}/`;
        assert(
          url.pathname === base.pathname || url.pathname.startsWith(below),
          `${url.pathname} is not below ${below}`,
        );
        assert(url.search.startsWith(base.search), url.search);
        assertEquals(url.hash, "");
        // What is dialled is what was checked: it parses to itself.
        assertEquals(new URL(url.href).href, url.href);
      }),
      runs(1_000, 10_000),
    );
    assert(taken > 0, "every path was refused: nothing was tested");
  },
);

Deno.test(
  seeded("4.1 a full URL is a WebSocket's, of the host it names, or refused"),
  () => {
    fc.assert(
      fc.property(
        fc.constantFrom("wss:", "ws:", "https:", "http:", "ftp:", "WSS:"),
        fc.constantFrom("//", "/", "", "\\\\", "//u:p@"),
        text,
        (scheme, slashes, rest) => {
          const url = resolve(`${scheme}${slashes}${rest}`, BASES[0]);
          if (url === undefined) return;
          assert(["ws:", "wss:"].includes(url.protocol), url.href);
          assert(scheme !== "ftp:", url.href);
          assertEquals(url.protocol === "wss:", /^(wss|https):/i.test(scheme));
          assertEquals(url.hash, "");
          assert(!/[\s\0]/.test(url.href), url.href);
        },
      ),
      runs(1_000, 10_000),
    );
  },
);

Deno.test(
  seeded("4.10 F85 no userinfo and no query value of any address is shown"),
  () => {
    const secret = "canaryvalue";
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom("token", "a", "", "%3D", "a%26b", "ключ"),
            fc.constantFrom(
              secret,
              `x${secret}`,
              `${secret}=y`,
              `%20${secret}`,
              `a=${secret}`,
              `${secret};b=${secret}`,
            ),
            fc.constantFrom("&", "&&", "&a&"),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.constantFrom(
          "",
          `${secret}@`,
          `${secret}:${secret}@`,
          `:${secret}@`,
          `u%40${secret}:%3A@`,
        ),
        fc.constantFrom("", "/", "/ws/a", "/a%2Fb"),
        (parameters, userinfo, path) => {
          const query = parameters.map(([name, value, separator]) =>
            `${name}=${value}${separator}`
          ).join("");
          const url = new URL(`wss://${userinfo}h.example${path}?${query}`);
          const { shown } = toAddress(
            resolveAddress(url.href, undefined),
            undefined,
          );
          assert(!shown.includes(secret), shown);
          assert(shown.startsWith(`wss://h.example${url.pathname}?`), shown);
        },
      ),
      runs(1_000, 10_000),
    );
  },
);

Deno.test(
  seeded(
    "4.1 4.10 what a pool dials is what was checked, and what it shows is not",
  ),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...BASES), text, async (base, path) => {
        await using virtual = createVirtualPool({ baseUrl: base });
        const { pool, clock, network } = virtual;
        const acquired = observe(pool.acquire(path));
        await clock.settle();
        const expected = resolve(path, base);
        if (expected === undefined) {
          assert(acquired.reason instanceof TypeError);
          assertEquals(network.dials.length, 0);
          // The text tells what is wrong, and quotes nothing.
          const { message } = acquired.reason;
          for (
            const part of path.split(/[^a-z]+/).filter((p) => p === "evil")
          ) {
            assert(!message.includes(part), message);
          }
          return;
        }
        expected.username = expected.password = "";
        assertEquals(network.last.url, expected.href);
        assertEquals(acquired.state, "fulfilled");
      }),
      runs(150, 2_000),
    );
  },
);
