import { assertEquals, assertInstanceOf } from "@std/assert";
import { createTranslation } from "../../../src/io/codec.ts";
import { Decoded } from "../../../src/io/inbox.ts";
import { Speech } from "../../../src/io/speech.ts";
import type { HeartbeatConfig } from "../../../src/options.ts";

const reports: string[] = [];

function speechOf(
  speech: HeartbeatConfig,
  codec: "json" | "text" | "raw" = "json",
): Speech<unknown, unknown> {
  reports.length = 0;
  const translation = createTranslation<unknown, unknown>({
    codec,
    schema: undefined,
  });
  return new Speech(speech, translation, (what) => void reports.push(what));
}

function fail(): never {
  throw new Error("user's bug");
}

Deno.test("4.6 a ping goes through the codec, as a value or from a function called each time", () => {
  assertEquals(speechOf({ ping: { op: "ping" } }).ping(), '{"op":"ping"}');
  let count = 0;
  const speech = speechOf({ ping: () => ({ id: ++count }) });
  assertEquals([speech.ping(), speech.ping()], ['{"id":1}', '{"id":2}']);
  assertEquals(speechOf({}).ping(), undefined);
});

Deno.test("4.6 raw: a ping is wire data, whatever the codec", () => {
  const bytes = new Uint8Array([9]).buffer;
  for (const ping of ["ping", () => "ping", bytes, () => bytes]) {
    const expected = typeof ping === "function" ? ping() : ping;
    assertEquals(speechOf({ raw: true, ping }).ping(), expected);
  }
});

Deno.test("4.6 canPing and listens say what there is to do", () => {
  const cases: [HeartbeatConfig, boolean, boolean][] = [
    [{}, false, false],
    [{ ping: "p" }, true, false],
    [{ ping: "p", isPong: () => true }, true, true],
    [{ reply: () => undefined }, false, true],
    [{ raw: true, ping: "p" }, true, false],
  ];
  for (const [config, canPing, listens] of cases) {
    const speech = speechOf(config);
    assertEquals([speech.canPing, speech.listens], [canPing, listens]);
  }
});

Deno.test("4.6 through the codec: pong, ping with its answer, message decoded once", () => {
  const speech = speechOf({
    ping: 0,
    isPong: (message) => message === "pong",
    reply: (message) => message === "PING" ? { pong: 1 } : undefined,
  });
  assertEquals(speech.hear('"pong"'), { kind: "pong" });
  assertEquals(speech.hear('"PING"'), { kind: "ping", answer: '{"pong":1}' });
  const heard = speech.hear('{"trade":1}');
  assertInstanceOf(heard.kind === "message" && heard.letter, Decoded);
  assertEquals(heard, {
    kind: "message",
    letter: new Decoded<unknown>({ trade: 1 }, 11),
  });
});

Deno.test("4.6 raw: the data is seen before the codec, and reaches the lease as it came", () => {
  const speech = speechOf({
    raw: true,
    ping: "ping",
    isPong: (data) => data === "pong",
    reply: (data) => data === "PING\r\n" ? "PONG\r\n" : undefined,
  });
  assertEquals(speech.hear("pong"), { kind: "pong" });
  assertEquals(speech.hear("PING\r\n"), { kind: "ping", answer: "PONG\r\n" });
  assertEquals(speech.hear("{not json"), {
    kind: "message",
    letter: "{not json",
  });
  const bytes = new Uint8Array([1]).buffer;
  assertEquals(speech.hear(bytes), { kind: "message", letter: bytes });
});

Deno.test("4.6 what cannot be decoded is nobody's ping: the reader is to hear of it", () => {
  const speech = speechOf({ ping: 0, isPong: fail, reply: fail });
  assertEquals(speech.hear("{not json"), {
    kind: "message",
    letter: "{not json",
  });
  assertEquals(reports, []);
});

Deno.test("4.9 functions that throw are reported; the message goes its way", () => {
  const speech = speechOf({ ping: fail, isPong: fail, reply: fail });
  assertEquals(speech.ping(), undefined);
  assertEquals(reports, ["heartbeat.ping"]);
  assertEquals(speech.hear("1"), {
    kind: "message",
    letter: new Decoded<unknown>(1, 1),
  });
  assertEquals(reports, [
    "heartbeat.ping",
    "heartbeat.isPong",
    "heartbeat.reply",
  ]);
  const raw = speechOf({ raw: true, ping: fail, isPong: fail, reply: fail });
  assertEquals(raw.ping(), undefined);
  assertEquals(raw.hear("1"), { kind: "message", letter: "1" });
  assertEquals(reports.length, 3);
});

Deno.test("4.9 an answer or a ping that the codec cannot carry is reported like one that throws", () => {
  const speech = speechOf({ ping: () => 1n, reply: () => 1n });
  assertEquals(speech.ping(), undefined);
  assertEquals(speech.hear("1").kind, "message");
  assertEquals(reports, ["heartbeat.ping", "heartbeat.reply"]);
});

Deno.test("4.9 isPong counts only if it says true: a promise or a word is no pong", () => {
  for (const answer of ["yes", 1, {}, Promise.resolve(true), undefined]) {
    const config: HeartbeatConfig = {
      ping: 0,
      ...Object.fromEntries([["isPong", () => answer]]),
    };
    assertEquals(speechOf(config).hear("1").kind, "message");
  }
});
