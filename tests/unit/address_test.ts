import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { parseAbsolute, resolveAddress, toAddress } from "../../src/address.ts";

const base = (url: string) => parseAbsolute(url);

const appended: [base: string, path: string, expected: string][] = [
  ["wss://h/v1", "/ws/x", "wss://h/v1/ws/x"],
  ["wss://h/v1", "ws/x", "wss://h/v1/ws/x"],
  ["wss://h/v1/", "/ws/x", "wss://h/v1/ws/x"],
  ["wss://h", "x", "wss://h/x"],
  ["wss://h", "/x", "wss://h/x"],
  ["wss://h/v1", "", "wss://h/v1"],
  ["wss://h/v1?k=1", "", "wss://h/v1?k=1"],
  ["wss://h/v1?k=1", "/x", "wss://h/v1/x?k=1"],
  ["wss://h/v1?k=1", "/x?a=2", "wss://h/v1/x?k=1&a=2"],
  ["wss://h/v1?k=1", "?a=2", "wss://h/v1?k=1&a=2"],
  ["wss://h/v1", "?a=2", "wss://h/v1?a=2"],
  ["wss://h/v1", "?", "wss://h/v1"],
  ["wss://h/v1", "x?a=1?b", "wss://h/v1/x?a=1?b"],
  ["wss://h/v1", "?next=//evil/../x", "wss://h/v1?next=//evil/../x"],
  ["wss://h:8443/v1", "/x", "wss://h:8443/v1/x"],
  ["wss://u:p@h/v1", "/x", "wss://u:p@h/v1/x"],
  ["wss://h", "/@evil", "wss://h/@evil"],
  ["wss://h", "/a:b", "wss://h/a:b"],
  ["wss://h", "/x y", "wss://h/x%20y"],
  ["wss://h", "/a...b/..c", "wss://h/a...b/..c"],
  ["https://h/v1", "/x", "wss://h/v1/x"],
  ["http://h/v1", "/x", "ws://h/v1/x"],
];

Deno.test("4.1 a path is appended to baseUrl, queries are joined", () => {
  for (const [url, path, expected] of appended) {
    assertEquals(resolveAddress(path, base(url)).href, expected, path);
  }
});

Deno.test("4.1 a full URL is taken whole, http becomes ws", () => {
  const whole: [string | URL, string][] = [
    ["wss://other/x?a=1", "wss://other/x?a=1"],
    ["WSS://Other/x", "wss://other/x"],
    ["https://other/x", "wss://other/x"],
    ["http://other:81/x", "ws://other:81/x"],
    ["https://other:443/x", "wss://other/x"],
    [new URL("wss://other/x"), "wss://other/x"],
    [new URL("http://other/x"), "ws://other/x"],
  ];
  for (const [given, expected] of whole) {
    assertEquals(resolveAddress(given, base("wss://h/v1")).href, expected);
    assertEquals(resolveAddress(given, undefined).href, expected);
  }
});

Deno.test("4.1 what is not a path or a WebSocket URL is a TypeError", () => {
  const refused: [given: string, message: string][] = [
    ["//evil.example", '"//"'],
    ["///evil.example", '"//"'],
    ["//evil.example/x?a", '"//"'],
    ["/../x", '".."'],
    ["..", '".."'],
    ["/a/../../x", '".."'],
    ["/%2e%2e/x", '".."'],
    ["/%2E./x", '".."'],
    ["/.%2e", '".."'],
    ["\\\\evil.example", "backslash"],
    ["/\\evil.example", "backslash"],
    ["/x?a=\\", "backslash"],
    ["/x\ty", "control"],
    ["/\n/evil.example", "control"],
    ["/x\0", "control"],
    ["/x\x7f", "control"],
    ["wss://h/\r\nx", "control"],
    ["/x#part", "fragment"],
    ["#", "fragment"],
    ["wss://h/x#part", "fragment"],
    ["wss://h/#", "fragment"],
    ["ftp://h/x", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["a:b", "scheme"],
    ["wss://", "absolute"],
    ["wss://h:99999/", "absolute"],
  ];
  for (const [given, message] of refused) {
    assertThrows(
      () => resolveAddress(given, base("wss://h/v1")),
      TypeError,
      message,
      given,
    );
  }
});

Deno.test("4.1 a path without baseUrl is a TypeError", () => {
  for (const path of ["", "x", "/x", "?a=1"]) {
    assertThrows(() => resolveAddress(path, undefined), TypeError, "baseUrl");
  }
});

Deno.test("4.1 what is neither string nor URL is a TypeError", () => {
  for (const given of [undefined, null, 5, {}]) {
    assertThrows(
      // @ts-expect-error: not what the signature takes
      () => resolveAddress(given, base("wss://h")),
      TypeError,
      "a string or a URL",
    );
  }
});

Deno.test("4.10 the text of an address error quotes nothing of it", () => {
  const secret = "s3cret";
  const addresses = [
    `wss://u:${secret}@h:99999/`,
    `ftp://${secret}@h/`,
    `/${secret}#`,
    `//${secret}`,
    `/../${secret}`,
    `/${secret}\n`,
    `/${secret}\\`,
  ];
  for (const address of addresses) {
    const error = assertThrows(
      () => resolveAddress(address, base("wss://h")),
      TypeError,
    );
    assertFalse(error.message.includes(secret), error.message);
    assertFalse(Deno.inspect(error.cause).includes(secret));
  }
});

Deno.test("4.1 no path leaves the base's origin or climbs out of its path", () => {
  const piece = fc.constantFrom(
    "/",
    "//",
    "\\",
    ".",
    "..",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "@",
    ":",
    ":80",
    "?",
    "#",
    "&",
    "=",
    " ",
    "\t",
    "\n",
    "\0",
    "[::1]",
    "evil.example",
    "wss:",
    "http:",
    "a",
    "é",
    "\u{1F600}",
    "\ud800",
    ";",
    "%",
    "%00",
    "|",
  );
  const path = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  const url = fc.constantFrom(
    "wss://h",
    "wss://h:8443/v1",
    "wss://u:p@h/v1/",
    "ws://[::1]:80/v1/v2?k=1",
  ).map(base);
  let appendedCount = 0;
  fc.assert(
    fc.property(path, url, (path, url) => {
      // A scheme makes it a full URL, which is taken whole.
      fc.pre(!/^[a-z][a-z0-9+.-]*:/i.test(path));
      let resolved: URL;
      try {
        resolved = resolveAddress(path, url);
      } catch (error) {
        assertInstanceOf(error, TypeError);
        return;
      }
      appendedCount++;
      assertEquals(resolved.origin, url.origin);
      assertEquals(resolved.username, url.username);
      assertEquals(resolved.password, url.password);
      assertEquals(resolved.hash, "");
      assert(resolved.pathname.startsWith(url.pathname));
      assert(resolved.search.startsWith(url.search));
      // What is dialled is parsed anew by the runtime.
      assertEquals(new URL(resolved.href).host, url.host);
    }),
    { numRuns: 2_000 },
  );
  // The property says nothing if everything is refused.
  assert(appendedCount > 200, String(appendedCount));
});

Deno.test("4.1 baseUrl must be an absolute WebSocket URL", () => {
  for (const given of ["", "/v1", "h/v1", "ftp://h", "wss://h/#x", "wss://"]) {
    assertThrows(() => parseAbsolute(given), TypeError, undefined, given);
  }
  assertEquals(parseAbsolute(new URL("https://h/v1")).href, "wss://h/v1");
});

Deno.test("4.11 userinfo leaves the URL for an Authorization header", () => {
  const cases: [url: string, bytes: string][] = [
    ["wss://user:pass@h/x", "user:pass"],
    ["wss://user@h/x", "user:"],
    ["wss://:pass@h/x", ":pass"],
    ["wss://a%40b:p%3Aq@h/x", "a@b:p:q"],
    ["wss://us%C3%A9r:p@h/x", "us\xc3\xa9r:p"],
    ["wss://usér:p@h/x", "us\xc3\xa9r:p"],
    // A "%" that begins no escape stands for itself, beside others that do.
    ["wss://u:50%%40x@h/x", "u:50%@x"],
    ["wss://u:%ff@h/x", "u:\xff"],
  ];
  for (const [url, bytes] of cases) {
    const address = toAddress(new URL(url), undefined);
    assertEquals(address.authorization, `Basic ${btoa(bytes)}`, url);
    assertEquals(address.url, "wss://h/x");
    assertEquals(address.shown, "wss://h/x");
  }
  assertEquals(
    toAddress(new URL("wss://h/x"), undefined).authorization,
    undefined,
  );
});

Deno.test("F88 userinfo of any length is taken", () => {
  const user = "a".repeat(300_000);
  const { authorization } = toAddress(new URL(`wss://${user}@h/`), undefined);
  assertEquals(authorization, `Basic ${btoa(`${user}:`)}`);
});

Deno.test("F88 hostile addresses of 200 000 characters are judged in linear time", () => {
  const length = 200_000;
  const many = (part: string) =>
    part.repeat(Math.ceil(length / part.length)).slice(0, length);
  const paths = [
    many("/"),
    many("x/"),
    many("%2e"),
    many("%2e%2e/"),
    many("../"),
    many("a-+."),
    `${many("a")}:`,
    `?${many("&")}`,
    `?${many("a=b&")}`,
    `?${many("=")}`,
    many("?"),
    many("\\"),
    many("@"),
  ];
  for (const path of paths) {
    const began = performance.now();
    for (const whole of [`/${path}`, path, `wss://h/${path}`]) {
      try {
        toAddress(resolveAddress(whole, base("wss://h/v1")), undefined);
      } catch (error) {
        assertInstanceOf(error, TypeError);
      }
    }
    const took = performance.now() - began;
    // Quadratic time would be half a minute.
    assert(took < 5_000, `${path.slice(0, 10)}: ${took} ms`);
  }
});

Deno.test("4.10 an address is shown without userinfo and query values", () => {
  const cases: [url: string, shown: string][] = [
    ["wss://u:p@h/v1", "wss://h/v1"],
    ["wss://h:8443/v1?token=s3cret", "wss://h:8443/v1?token=…"],
    ["wss://h/?a=1&b=2", "wss://h/?a=…&b=…"],
    ["wss://h/?s3cret", "wss://h/?…"],
    ["wss://h/?a=b=s3cret", "wss://h/?a=…"],
    ["wss://h/?", "wss://h/"],
  ];
  for (const [url, shown] of cases) {
    assertEquals(toAddress(new URL(url), undefined).shown, shown);
  }
});

Deno.test("4.10 redactUrl sees no userinfo and cannot change the address", () => {
  let seen = "";
  const address = toAddress(new URL("wss://u:p@h/key/s3cret"), (url) => {
    seen = url.href;
    url.pathname = "/hidden";
    return url.href;
  });
  assertEquals(seen, "wss://h/key/s3cret");
  assertEquals(address.shown, "wss://h/hidden");
  assertEquals(address.url, "wss://h/key/s3cret");
});

Deno.test("4.10 a redactUrl that throws or returns no string shows less", () => {
  const url = new URL("wss://u:p@h:81/key/s3cret?token=s3cret");
  const throwing = () => {
    throw new Error(url.href);
  };
  assertEquals(toAddress(url, throwing).shown, "wss://h:81/…");
  // @ts-expect-error: not what the option may return
  assertEquals(toAddress(url, () => undefined).shown, "wss://h:81/…");
});
