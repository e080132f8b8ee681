import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { toAddress } from "../../../src/address.ts";
import {
  asksUser,
  type DialRequest,
  makeRequest,
} from "../../../src/io/dial_request.ts";
import type { DialContext } from "../../../src/options.ts";
import type { HeadersFunction } from "../../../src/websocket_config.ts";

interface Options {
  readonly headers?: Headers | HeadersFunction;
  readonly resolveUrl?: (
    context: DialContext,
  ) => string | URL | Promise<string | URL>;
  readonly baseUrl?: string;
}

const { signal } = new AbortController();

/** The request of the first dial of `url`. */
function request(
  url: string,
  { headers, resolveUrl, baseUrl }: Options = {},
  attempt = 1,
): Promise<DialRequest> {
  return makeRequest(
    { headers, resolveUrl },
    {
      address: toAddress(new URL(url), undefined),
      protocols: ["a", "b"],
      identity: "bot",
    },
    baseUrl === undefined ? undefined : new URL(baseUrl),
    attempt,
    signal,
  );
}

/** The headers of a request, with lower-case names. */
async function headersOf(
  made: Promise<DialRequest>,
): Promise<Record<string, string> | undefined> {
  const { headers } = await made;
  return headers && Object.fromEntries(headers);
}

Deno.test("3.1 a request has the address, the subprotocols, and headers if any", async () => {
  assertEquals(await request("wss://h/x?t=1"), {
    url: "wss://h/x?t=1",
    protocols: ["a", "b"],
    headers: undefined,
  });
});

Deno.test("3.1 each request's headers are a copy", async () => {
  const headers = new Headers({ "x-a": "1" });
  const { headers: given } = await request("wss://h/", { headers });
  assertEquals(given?.get("x-a"), "1");
  given?.set("x-a", "2");
  assertEquals(headers.get("x-a"), "1");
});

Deno.test("F10 static headers go to the base's origin only", async () => {
  const headers = new Headers({ authorization: "Bearer s3cret" });
  const options = { headers, baseUrl: "wss://h/v1" };
  const authorization = "Bearer s3cret";
  assertEquals(await headersOf(request("wss://h/x", options)), {
    authorization,
  });
  for (const url of ["wss://other/", "ws://h/", "wss://h:8443/"]) {
    assertEquals(await headersOf(request(url, options)), undefined);
  }
  // Without a base there is no origin of their own.
  assertEquals(await headersOf(request("wss://other/", { headers })), {
    authorization,
  });
});

Deno.test("F10 static headers go by the origin that resolveUrl names", async () => {
  const options = {
    headers: new Headers({ "x-a": "1" }),
    baseUrl: "wss://h/v1",
  };
  const away = () => "wss://other/";
  const home = () => "wss://h/v1/x?token=2";
  assertEquals(
    await headersOf(request("wss://h/v1", { ...options, resolveUrl: away })),
    undefined,
  );
  assertEquals(
    await headersOf(request("wss://other/", { ...options, resolveUrl: home })),
    { "x-a": "1" },
  );
});

Deno.test("4.11 userinfo becomes an Authorization header, and leaves the URL", async () => {
  const options = {
    headers: new Headers({ "x-a": "1" }),
    baseUrl: "wss://h/",
  };
  const own = request("wss://u:p@h/", options);
  const other = request("wss://u:p@other/", options);
  assertEquals((await own).url, "wss://h/");
  assertEquals((await other).url, "wss://other/");
  const authorization = `Basic ${btoa("u:p")}`;
  assertEquals(await headersOf(own), { "x-a": "1", authorization });
  assertEquals(await headersOf(other), { authorization });
});

Deno.test("4.11 an Authorization header given by hand stands before userinfo", async () => {
  const authorization = "Bearer t";
  const fixed = new Headers({ authorization });
  for (const headers of [fixed, () => ({ authorization })]) {
    assertEquals(await headersOf(request("wss://u:p@h/", { headers })), {
      authorization,
    });
  }
});

Deno.test("4.11 userinfo is not sent to another origin that resolveUrl names", async () => {
  const basic = (userinfo: string) => ({
    authorization: `Basic ${btoa(userinfo)}`,
  });
  const cases: [resolved: string, expected: object | undefined][] = [
    ["wss://other/", undefined],
    ["wss://h:8443/", undefined],
    ["wss://h/fresh?token=2", basic("u:p")],
    ["wss://v:q@h/", basic("v:q")],
    ["wss://v:q@other/", basic("v:q")],
  ];
  for (const [resolved, expected] of cases) {
    const made = request("wss://u:p@h/", { resolveUrl: () => resolved });
    assertEquals(await headersOf(made), expected, resolved);
    const bare = new URL(resolved);
    bare.username = bare.password = "";
    assertEquals((await made).url, bare.href);
  }
});

Deno.test("3.1 functions for address and headers are asked once per dial, with one context", async () => {
  const seen: [name: string, context: DialContext][] = [];
  const options = {
    resolveUrl: (context: DialContext) => {
      seen.push(["resolveUrl", context]);
      return Promise.resolve(new URL("https://h/fresh"));
    },
    headers: (context: DialContext) => {
      seen.push(["headers", context]);
      return Promise.resolve({ "x-attempt": String(context.attempt) });
    },
    baseUrl: "wss://elsewhere/",
  };
  const first = await request("wss://u:p@h/x?t=1", options, 1);
  const third = await request("wss://u:p@h/x?t=1", options, 3);
  assertEquals(first.url, "wss://h/fresh");
  assertEquals(first.headers?.get("x-attempt"), "1");
  assertEquals(third.headers?.get("x-attempt"), "3");
  assertEquals(seen.map(([name]) => name), [
    "resolveUrl",
    "headers",
    "resolveUrl",
    "headers",
  ]);
  const [context] = seen.map(([, each]) => each);
  assertEquals({ ...context }, {
    url: "wss://h/x?t=1",
    identity: "bot",
    protocols: ["a", "b"],
    attempt: 1,
    signal,
  });
  assert(Object.isFrozen(context));
});

Deno.test("4.9 what the functions throw comes through, and what they return is checked", async () => {
  const error = new RangeError("token");
  const fail = () => {
    throw error;
  };
  const failLater = () => Promise.reject(error);
  for (
    const options of [
      { resolveUrl: fail },
      { resolveUrl: failLater },
      { headers: fail },
      { headers: failLater },
    ]
  ) {
    const thrown = await assertRejects(() => request("wss://h/", options));
    assertStrictEquals(thrown, error);
  }
  for (const address of ["", "/path", "ftp://h/", "wss://h/#x"]) {
    const resolveUrl = () => address;
    await assertRejects(() => request("wss://h/", { resolveUrl }), TypeError);
  }
  const headers = () => ({ "a b": "c" });
  await assertRejects(() => request("wss://h/", { headers }), TypeError);
});

Deno.test("4.7 a request waits for functions of the user only where there are some", () => {
  const headers = undefined;
  const resolveUrl = undefined;
  assertEquals(asksUser({ headers, resolveUrl }), false);
  assertEquals(asksUser({ headers: new Headers(), resolveUrl }), false);
  assertEquals(asksUser({ headers: () => ({}), resolveUrl }), true);
  assertEquals(asksUser({ headers, resolveUrl: ({ url }) => url }), true);
});
