import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { toAddress } from "../../../src/address.ts";
import type { Target } from "../../../src/io/target.ts";
import { openWebSocket, sendsHeaders } from "../../../src/io/web_socket.ts";
import type { WebSocketConfig } from "../../../src/options.ts";
import { FakeSocket } from "../../support/fake_socket.ts";

function targetOf(url: string, parts: Partial<Target> = {}): Target {
  return {
    address: toAddress(new URL(url), undefined),
    protocols: [],
    identity: "",
    isOwnOrigin: true,
    ...parts,
  };
}

type Init = Parameters<NonNullable<WebSocketConfig["factory"]>>[1];

function recordingFactory() {
  const calls: [url: string, init: Init][] = [];
  const socket = new FakeSocket("wss://h/");
  const factory = (url: string, init: Init) => {
    calls.push([url, init]);
    return socket;
  };
  return { calls, socket, factory };
}

/** Runs `body` with another constructor in the place of the global one. */
function withWebSocket(constructor: unknown, body: () => void): void {
  const original = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
  Object.defineProperty(globalThis, "WebSocket", {
    configurable: true,
    value: constructor,
  });
  try {
    body();
  } finally {
    if (original !== undefined) {
      Object.defineProperty(globalThis, "WebSocket", original);
    }
  }
}

Deno.test("3.1 the factory gets the address, protocols of its own, and headers if any", () => {
  const { calls, socket, factory } = recordingFactory();
  const protocols = ["a", "b"];
  const target = targetOf("wss://h/x?t=1", { protocols });
  const config = { factory, headers: undefined };
  assertStrictEquals(openWebSocket(config, target), socket);
  assertEquals(calls, [["wss://h/x?t=1", { protocols: ["a", "b"] }]]);
  calls[0]?.[1].protocols.push("c");
  assertEquals(protocols, ["a", "b"]);
});

Deno.test("3.1 the factory's headers are a copy", () => {
  const { calls, factory } = recordingFactory();
  const headers = new Headers({ "x-a": "1" });
  openWebSocket({ factory, headers }, targetOf("wss://h/"));
  const given = calls[0]?.[1].headers;
  assertEquals(given?.get("x-a"), "1");
  given?.set("x-a", "2");
  assertEquals(headers.get("x-a"), "1");
});

Deno.test("F10 static headers go to the base's origin only", () => {
  const { calls, factory } = recordingFactory();
  const headers = new Headers({ authorization: "Bearer s3cret" });
  const target = targetOf("wss://other/", { isOwnOrigin: false });
  openWebSocket({ factory, headers }, target);
  assertEquals(calls[0]?.[1].headers, undefined);
});

Deno.test("4.11 userinfo becomes an Authorization header, and leaves the URL", () => {
  const { calls, factory } = recordingFactory();
  const config = { factory, headers: new Headers({ "x-a": "1" }) };
  openWebSocket(config, targetOf("wss://u:p@h/"));
  openWebSocket(config, targetOf("wss://u:p@h/", { isOwnOrigin: false }));
  assertEquals(calls.map(([url]) => url), ["wss://h/", "wss://h/"]);
  const [own, other] = calls.map(([, { headers }]) =>
    Object.fromEntries(headers ?? [])
  );
  const authorization = `Basic ${btoa("u:p")}`;
  assertEquals(own, { "x-a": "1", authorization });
  assertEquals(other, { authorization });
});

Deno.test("4.11 an Authorization header given by hand stands before userinfo", () => {
  const { calls, factory } = recordingFactory();
  const headers = new Headers({ authorization: "Bearer t" });
  openWebSocket({ factory, headers }, targetOf("wss://u:p@h/"));
  assertEquals(calls[0]?.[1].headers?.get("authorization"), "Bearer t");
});

Deno.test("F14 what the factory throws comes through", () => {
  const error = new RangeError("factory");
  const factory = () => {
    throw error;
  };
  const config = { factory, headers: undefined };
  const open = () => openWebSocket(config, targetOf("wss://h/"));
  assertStrictEquals(assertThrows(open), error);
});

Deno.test("4.9 a factory that returns no socket is a TypeError", async () => {
  const made: unknown[] = [
    undefined,
    null,
    {},
    "wss://h/",
    Promise.resolve(new FakeSocket("wss://h/")),
    // It must not become an unhandled rejection.
    Promise.reject(new Error("factory")),
  ];
  for (const value of made) {
    const config = { factory: () => value, headers: undefined };
    assertThrows(
      // @ts-expect-error: not what a factory may return
      () => openWebSocket(config, targetOf("wss://h/")),
      TypeError,
      "websocket.factory",
    );
  }
  for (let turn = 0; turn < 5; turn++) await undefined;
});

Deno.test("3.1 the runtime's constructor gets a list, an options object only for headers", () => {
  const calls: unknown[][] = [];
  class Recorder extends FakeSocket {
    constructor(...args: [string, ...unknown[]]) {
      super(args[0]);
      calls.push(args);
    }
  }
  withWebSocket(Recorder, () => {
    const config = { factory: undefined, headers: undefined };
    openWebSocket(config, targetOf("wss://h/"));
    openWebSocket(config, targetOf("wss://h/", { protocols: ["a"] }));
    const headers = new Headers({ "x-a": "1" });
    const target = targetOf("wss://h/", { protocols: ["a"] });
    openWebSocket({ factory: undefined, headers }, target);
    assertEquals(calls, [
      ["wss://h/", []],
      ["wss://h/", ["a"]],
      ["wss://h/", { protocols: ["a"], headers }],
    ]);
  });
});

Deno.test("3.1 whether headers can be sent is found out from the constructor", () => {
  assertEquals(sendsHeaders(), true);
  // A browser's: takes the object for a subprotocol, never reads `headers`.
  class BrowserLike {
    constructor(_url: string, protocols: unknown) {
      const list = Array.isArray(protocols) ? protocols : [String(protocols)];
      if (list.some((name) => name.includes(" "))) {
        throw new DOMException("Bad subprotocol", "SyntaxError");
      }
    }
  }
  withWebSocket(BrowserLike, () => assertEquals(sendsHeaders(), false));
  withWebSocket(undefined, () => assertEquals(sendsHeaders(), false));
});
