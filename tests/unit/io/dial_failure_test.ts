import {
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { ConnectError } from "../../../src/errors.ts";
import {
  describeFailure,
  toConnectError,
} from "../../../src/io/dial_failure.ts";
import type { SocketEnd } from "../../../src/io/socket.ts";

const SECRET = "s3cret";

function endOf(code: number): SocketEnd {
  return { code, reason: SECRET, wasClean: code !== 1006 };
}

Deno.test("4.5, F18, F19 the fatal close codes are those of the list", () => {
  const fatal = [1002, 1003, 1007, 1008, 1009, 1010, 4401, 4403];
  const codes = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 3000, 4000, 4999];
  for (const phase of ["dial", "open-hook"] as const) {
    for (const code of [...codes, ...fatal]) {
      const failure = describeFailure(
        phase,
        undefined,
        endOf(code),
        false,
        false,
      );
      assertEquals(failure.fatal, fatal.includes(code), String(code));
      assertEquals(failure.end, endOf(code));
      assertStringIncludes(failure.why, String(code));
    }
  }
});

Deno.test("F12 a subprotocol that was not chosen is fatal, phase protocol", () => {
  const failure = describeFailure(
    "protocol",
    undefined,
    undefined,
    false,
    false,
  );
  assertEquals([failure.phase, failure.fatal, failure.timedOut], [
    "protocol",
    true,
    false,
  ]);
  const { message } = toConnectError(failure, "wss://h/x", 1);
  assertStringIncludes(message, "websocket.protocols");
});

Deno.test("F4, F54 a timeout says which part was too slow and what to raise", () => {
  const ended = endOf(1006);
  const dial = describeFailure("dial", undefined, ended, true, true);
  assertEquals([dial.timedOut, dial.fatal], [true, false]);
  assertStringIncludes(dial.why, "handshake");
  const hook = describeFailure("open-hook", undefined, ended, true, true);
  assertStringIncludes(hook.why, "onOpen");
  assertStringIncludes(hook.why, "onReconnect");
  for (const failure of [dial, hook]) {
    const { message, timedOut } = toConnectError(failure, "wss://h/x", 3);
    assertStringIncludes(message, "websocket.connectTimeout");
    assertStringIncludes(message, "wss://h/x");
    assertStringIncludes(message, "3 attempts");
    assertEquals(timedOut, true);
  }
});

Deno.test("3.3 a failed resolve names the functions it asks", () => {
  const slow = describeFailure("resolve", undefined, undefined, true, true);
  assertEquals([slow.timedOut, slow.fatal, slow.cause], [
    true,
    false,
    undefined,
  ]);
  const thrown = Object.assign(new Error("no token"), { url: SECRET });
  const broken = describeFailure("resolve", thrown, undefined, false, false);
  assertEquals([broken.timedOut, broken.fatal], [false, false]);
  for (const failure of [slow, broken]) {
    assertStringIncludes(failure.why, "resolveUrl");
    const error = toConnectError(failure, "wss://h/x", 1);
    assertEquals(error.phase, "resolve");
    assertStringIncludes(error.message, "Check websocket.resolveUrl");
  }
  assertStringIncludes(Deno.inspect(broken.cause), "no token");
  assertFalse(Deno.inspect(broken).includes(SECRET));
});

Deno.test("F14, F85 of what a constructor throws only the name is kept", () => {
  const thrown = new SyntaxError(`bad URL wss://u:${SECRET}@h/`);
  const failure = describeFailure("dial", thrown, undefined, false, false);
  assertEquals(failure.cause, { name: "SyntaxError" });
  assertEquals([failure.fatal, failure.timedOut], [false, false]);
  const error = toConnectError(failure, "wss://h/x", 1);
  assertInstanceOf(error, ConnectError);
  assertFalse(Deno.inspect(error).includes(SECRET));
  assertFalse(JSON.stringify(error).includes(SECRET));
});

Deno.test("4.10 a peer's close reason is for classify only, not in an error", () => {
  for (const phase of ["dial", "open-hook", "protocol"] as const) {
    for (const isTimeout of [false, true]) {
      const end = endOf(4000);
      const failure = describeFailure(phase, undefined, end, false, isTimeout);
      const { end: known, ...rest } = failure;
      assertEquals(known, end);
      assertFalse(Deno.inspect(rest).includes(SECRET));
      const error = toConnectError(failure, "wss://h/x", 1);
      assertFalse(Deno.inspect(error, { showHidden: true }).includes(SECRET));
      assertFalse(JSON.stringify(error).includes(SECRET));
    }
  }
});

Deno.test("F54, F90 of what onOpen throws plain data is kept", () => {
  const thrown = Object.assign(new Error("login refused"), { socket: SECRET });
  const failure = describeFailure("open-hook", thrown, undefined, false, false);
  assertEquals(failure.why, "onOpen or onReconnect threw");
  const { cause, phase, attempts } = toConnectError(failure, "wss://h/", 2);
  assertEquals([phase, attempts], ["open-hook", 2]);
  assertStringIncludes(Deno.inspect(cause), "login refused");
  assertFalse(Deno.inspect(cause).includes(SECRET));
});

Deno.test("4.2 a dial that was given up is neither fatal nor timed out", () => {
  const failure = describeFailure("dial", undefined, undefined, true, false);
  assertEquals([failure.fatal, failure.timedOut, failure.cause], [
    false,
    false,
    undefined,
  ]);
  assertStringIncludes(failure.why, "given up");
});
