import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectError } from "../../../src/errors.ts";
import { EventHub } from "../../../src/event_hub.ts";
import {
  GapEvent,
  type PoolEventMap,
  type PoolEventType,
  RetireEvent,
} from "../../../src/events.ts";
import { Announcer } from "../../../src/io/announcer.ts";
import type { Logger } from "../../../src/options.ts";
import { Reporter } from "../../../src/reporter.ts";
import { EVENT_TYPES } from "../../support/event_types.ts";

const CONNECTION = { id: 7, shown: "wss://h/a" };

/** What is told, in order: lines as `level text`, events as objects. */
class Stage {
  readonly told: (string | Event)[] = [];
  readonly hub = new EventHub((event) => this.told.push(event), () => {});
  readonly announcer: Announcer;

  constructor(hasLogger: boolean) {
    const log = (level: keyof Logger) => (text: string) =>
      this.told.push(`${level} ${text}`);
    const logger: Logger = {
      debug: log("debug"),
      info: log("info"),
      warn: log("warn"),
      error: log("error"),
    };
    const reporter = new Reporter(hasLogger ? logger : undefined);
    this.announcer = new Announcer(this.hub, reporter);
  }

  listen(...types: PoolEventType[]): this {
    for (const type of types) this.hub.add(type, () => {}, undefined);
    return this;
  }
}

const error = new ConnectError({
  message: "Cannot connect to wss://h/a: refused",
  url: "wss://h/a",
  phase: "dial",
  attempts: 2,
  closeCode: 1006,
  fatal: false,
  timedOut: false,
});

/** Tells of everything that can happen to a connection, some of it in two ways. */
function tellAll({ announcer }: Stage): void {
  const duration = 12.4;
  announcer.tell("connect", CONNECTION, { reason: "warm", duration });
  announcer.tell("connectfailed", CONNECTION, {
    reason: "dial",
    error,
    duration,
  });
  announcer.tell("acquire", CONNECTION, { reason: "new", duration });
  announcer.tell("gap", CONNECTION, { reason: "idle", dropped: 3 });
  announcer.tell("lost", CONNECTION, {
    reason: "broken",
    closeCode: 1006,
    duration,
  });
  announcer.tell("reconnecting", CONNECTION, {
    reason: "lost",
    closeCode: 1006,
  });
  announcer.tell("reconnect", CONNECTION, {
    reason: "lost",
    attempts: 2,
    duration,
  });
  for (const reason of ["passed", "failed"] as const) {
    announcer.tell("healthcheck", CONNECTION, { reason, duration });
  }
  for (const reason of ["held", "collected"] as const) {
    announcer.tell("leak", CONNECTION, { reason, stack: undefined, duration });
  }
  announcer.tell("release", CONNECTION, { reason: "released", duration });
  announcer.tell("retire", CONNECTION, { reason: "idle", duration });
  const nobody = { id: undefined, shown: "wss://h/a" };
  announcer.tell("exhausted", nobody, { reason: "timeout", duration });
  announcer.closed({ drained: 1, forced: 2, abandoned: 3 }, duration);
}

Deno.test("3.1 the logger hears of connections, each line at its level; not of leases", () => {
  const stage = new Stage(true);
  tellAll(stage);
  assertEquals(stage.told, [
    "debug Connection 7 to wss://h/a: open after 12 ms",
    "warn Connection 7 to wss://h/a: Cannot connect to wss://h/a: refused",
    "warn Connection 7 to wss://h/a: lost with code 1006",
    "warn Connection 7 to wss://h/a: reconnecting: lost",
    "info Connection 7 to wss://h/a: reconnected after 12 ms",
    "warn Connection 7 to wss://h/a: failed its probe",
    "warn Connection 7 to wss://h/a: leak: still leased after 12 ms",
    "warn Connection 7 to wss://h/a: leak: its lease was garbage-collected unreleased",
    "debug Connection 7 to wss://h/a: retired: idle",
    "debug The pool is closed after 12 ms",
  ]);
});

Deno.test("3.5 without listeners and without a logger nothing is told", () => {
  const stage = new Stage(false);
  tellAll(stage);
  assertEquals(stage.told, []);
});

Deno.test("3.5 an event is told to its listeners alone, after its line", () => {
  const stage = new Stage(true).listen("retire", "gap");
  const { announcer } = stage;
  assertEquals(announcer.isHeard("gap"), true);
  assertEquals(announcer.isHeard("lost"), false);
  tellAll(stage);
  const [gap, retire, ...rest] = stage.told.filter((told) =>
    typeof told !== "string"
  );
  assertInstanceOf(gap, GapEvent);
  assertEquals([gap.connectionId, gap.url, gap.reason, gap.dropped], [
    7,
    "wss://h/a",
    "idle",
    3,
  ]);
  assertInstanceOf(retire, RetireEvent);
  assertEquals(rest, []);
  assertEquals(
    stage.told[stage.told.indexOf(retire) - 1],
    "debug Connection 7 to wss://h/a: retired: idle",
  );
});

Deno.test("3.5 each event has its type, its subject and its particulars, and nothing else", () => {
  const types: {
    readonly [Type in PoolEventType]: (keyof PoolEventMap[Type])[];
  } = {
    connect: ["duration", "reason"],
    connectfailed: ["duration", "error", "reason"],
    acquire: ["duration", "reason"],
    gap: ["dropped", "reason"],
    lost: ["closeCode", "duration", "reason"],
    reconnecting: ["closeCode", "reason"],
    reconnect: ["attempts", "duration", "reason"],
    healthcheck: ["duration", "reason"],
    leak: ["duration", "reason", "stack"],
    release: ["duration", "reason"],
    retire: ["duration", "reason"],
    exhausted: ["duration", "reason"],
    close: ["duration", "reason", "report"],
  };
  const stage = new Stage(false).listen(...EVENT_TYPES);
  tellAll(stage);
  const platform = new Set(Object.keys(new Event("x")));
  const seen = stage.told.map((event) => {
    assertInstanceOf(event, Event);
    const own = Object.keys(event).filter((name) => !platform.has(name));
    return [event.type, own.sort()];
  });
  const expected = Object.entries(types).flatMap(([type, particulars]) => {
    const subject = type === "close" ? [] : ["connectionId", "url"];
    const entry = [type, [...particulars, ...subject].sort()];
    return type === "healthcheck" || type === "leak" ? [entry, entry] : [entry];
  });
  assertEquals(seen, expected);
});
