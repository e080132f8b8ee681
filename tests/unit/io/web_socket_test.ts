import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { DialRequest } from "../../../src/io/dial_request.ts";
import {
  openWebSocket,
  requireHeaders,
  sendsHeaders,
} from "../../../src/io/web_socket.ts";
import type { WebSocketConfig } from "../../../src/options.ts";
import { FakeSocket } from "../../support/fake_socket.ts";

function requestOf(parts: Partial<DialRequest> = {}): DialRequest {
  return { url: "wss://h/", protocols: [], headers: undefined, ...parts };
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
  const request = requestOf({ url: "wss://h/x?t=1", protocols });
  assertStrictEquals(openWebSocket(factory, request), socket);
  assertEquals(calls, [["wss://h/x?t=1", { protocols: ["a", "b"] }]]);
  calls[0]?.[1].protocols.push("c");
  assertEquals(protocols, ["a", "b"]);
});

Deno.test("3.1 the factory gets the headers of the request", () => {
  const { calls, factory } = recordingFactory();
  const headers = new Headers({ "x-a": "1" });
  openWebSocket(factory, requestOf({ headers }));
  assertEquals(calls, [["wss://h/", { protocols: [], headers }]]);
});

Deno.test("F14 what the factory throws comes through", () => {
  const error = new RangeError("factory");
  const factory = () => {
    throw error;
  };
  const open = () => openWebSocket(factory, requestOf());
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
    assertThrows(
      // @ts-expect-error: not what a factory may return
      () => openWebSocket(() => value, requestOf()),
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
    openWebSocket(undefined, requestOf());
    openWebSocket(undefined, requestOf({ protocols: ["a"] }));
    const headers = new Headers({ "x-a": "1" });
    openWebSocket(undefined, requestOf({ protocols: ["a"], headers }));
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

Deno.test("3.1 headers that neither the runtime nor a factory can send are a TypeError that says what they are for", () => {
  const { factory } = recordingFactory();
  requireHeaders(undefined, "websocket.headers");
  withWebSocket(undefined, () => {
    requireHeaders(factory, "websocket.headers");
    assertThrows(
      () => requireHeaders(undefined, "websocket.headers"),
      TypeError,
      "websocket.headers: this runtime's WebSocket cannot send headers",
    );
  });
});
