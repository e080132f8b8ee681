import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { EventHub, type Listener } from "../../src/event_hub.ts";
import { CountingEventTarget } from "../support/counting_event_target.ts";

type Options = boolean | AddEventListenerOptions;

/** A hub over a real `EventTarget`, used the way the pool uses it. */
class Stage {
  readonly target = new CountingEventTarget();
  readonly reports: [type: string, thrown: unknown][] = [];
  readonly hub = new EventHub(
    (event) => this.target.dispatchEvent(event),
    (type, thrown) => this.reports.push([type, thrown]),
  );

  add(type: string, listener: Listener, options?: Options): void {
    const wrapped = this.hub.add(type, listener, options);
    if (wrapped !== undefined) {
      this.target.addEventListener(type, wrapped, options);
    }
  }

  remove(type: string, listener: Listener, options?: Options): void {
    const wrapped = this.hub.remove(type, listener, options);
    if (wrapped !== undefined) {
      this.target.removeEventListener(type, wrapped, options);
    }
  }

  emit(type: string): void {
    this.hub.emit(new Event(type));
  }
}

Deno.test("3.5 a listener is called until it is removed", () => {
  const stage = new Stage();
  const calls: string[] = [];
  const listener = ({ type }: Event) => calls.push(type);
  stage.add("connect", listener);
  stage.emit("connect");
  stage.emit("lost");
  stage.remove("connect", listener);
  stage.emit("connect");
  assertEquals(calls, ["connect"]);
  assertEquals(stage.target.listenerCount(), 0);
});

Deno.test("3.5 a listener is called as the platform does, with the target as this", () => {
  const stage = new Stage();
  const seen: unknown[] = [];
  stage.add("connect", function (this: unknown) {
    seen.push(this);
  });
  const object = {
    handleEvent(this: unknown) {
      seen.push(this);
    },
  };
  stage.add("connect", object);
  stage.emit("connect");
  assertStrictEquals(seen[0], stage.target);
  assertStrictEquals(seen[1], object);
});

Deno.test("3.5 the hub knows whether anybody listens to a type", () => {
  const { hub, ...stage } = new Stage();
  const listener = () => {};
  assertEquals(hub.wants("connect"), false);
  hub.add("connect", listener, undefined);
  assertEquals(hub.wants("connect"), true);
  assertEquals(hub.wants("lost"), false);
  hub.add("connect", listener, { capture: true });
  hub.remove("connect", listener, undefined);
  assertEquals(hub.wants("connect"), true);
  hub.remove("connect", listener, true);
  assertEquals(hub.wants("connect"), false);
  assertEquals(stage.reports, []);
});

Deno.test("3.5, F87 event types may be called like members of Object", () => {
  const stage = new Stage();
  const calls: string[] = [];
  for (const type of ["__proto__", "constructor", "toString"]) {
    stage.add(type, ({ type }) => calls.push(type));
    stage.emit(type);
  }
  assertEquals(calls, ["__proto__", "constructor", "toString"]);
});

Deno.test("3.5 a listener added twice is called once", () => {
  const stage = new Stage();
  let calls = 0;
  const listener = () => calls++;
  stage.add("connect", listener);
  stage.add("connect", listener);
  stage.emit("connect");
  assertEquals(calls, 1);
  stage.remove("connect", listener);
  assertEquals(stage.hub.wants("connect"), false);
});

Deno.test("3.5 the capturing listener is another than the bubbling one", () => {
  const stage = new Stage();
  let calls = 0;
  const listener = () => calls++;
  stage.add("connect", listener);
  stage.add("connect", listener, true);
  stage.emit("connect");
  assertEquals(calls, 2);
  stage.remove("connect", listener, { capture: true });
  stage.emit("connect");
  assertEquals(calls, 3);
});

Deno.test("3.5 options are read as the platform reads them", () => {
  const wrong: unknown[] = [null, 0, "", { capture: null }, {}];
  const right: unknown[] = [true, { capture: true }, { capture: 1 }];
  for (const [capture, all] of [[false, wrong], [true, right]] as const) {
    for (const given of all) {
      const stage = new Stage();
      const listener = () => {};
      const { options }: { options?: Options } = Object.fromEntries([
        ["options", given],
      ]);
      stage.add("connect", listener, options);
      stage.remove("connect", listener, !capture);
      assertEquals(stage.hub.wants("connect"), true, String(given));
      assertEquals(stage.target.listenerCount(), 1, String(given));
      stage.remove("connect", listener, capture);
      assertEquals(stage.hub.wants("connect"), false, String(given));
      assertEquals(stage.target.listenerCount(), 0, String(given));
    }
  }
});

Deno.test("3.5 a once listener is called once and counted no more", () => {
  const stage = new Stage();
  let calls = 0;
  const wanted: boolean[] = [];
  const listener = () => {
    calls++;
    wanted.push(stage.hub.wants("connect"));
  };
  stage.add("connect", listener, { once: true });
  stage.emit("connect");
  stage.emit("connect");
  assertEquals(calls, 1);
  assertEquals(wanted, [false]);
  stage.add("connect", listener);
  stage.emit("connect");
  assertEquals(calls, 2);
});

Deno.test("3.5 a signal takes its listener out", () => {
  const stage = new Stage();
  const abort = new AbortController();
  let calls = 0;
  const listener = () => calls++;
  stage.add("connect", listener, { signal: abort.signal });
  stage.emit("connect");
  abort.abort();
  stage.emit("connect");
  assertEquals(calls, 1);
  assertEquals(stage.hub.wants("connect"), false);
  stage.add("connect", listener, { signal: abort.signal });
  assertEquals(stage.hub.wants("connect"), false);
  // It can be added again without the signal.
  stage.add("connect", listener);
  stage.emit("connect");
  assertEquals(calls, 2);
});

Deno.test("3.5 a signal whose listener was taken out has no say any more", () => {
  const stage = new Stage();
  const abort = new AbortController();
  let calls = 0;
  const listener = () => calls++;
  stage.add("connect", listener, { signal: abort.signal });
  stage.remove("connect", listener);
  stage.add("connect", listener);
  abort.abort();
  assertEquals(stage.hub.wants("connect"), true);
  stage.emit("connect");
  assertEquals(calls, 1);
});

Deno.test("F53 a listener that throws is reported once, others are called", () => {
  const stage = new Stage();
  const calls: string[] = [];
  const error = new Error("listener");
  stage.add("connect", () => calls.push("first"));
  stage.add("connect", () => {
    throw error;
  });
  stage.add("connect", {
    handleEvent: () => {
      // deno-lint-ignore no-throw-literal -- listeners may
      throw "text";
    },
  });
  stage.add("connect", () => calls.push("last"));
  stage.emit("connect");
  assertEquals(calls, ["first", "last"]);
  assertEquals(stage.reports, [["connect", error], ["connect", "text"]]);
});

Deno.test("F53 a listener that rejects is reported once", async () => {
  const stage = new Stage();
  const error = new Error("listener");
  // deno-lint-ignore require-await -- an async listener is what is tested
  stage.add("connect", async () => {
    throw error;
  });
  // An unhandled rejection would fail the test.
  stage.emit("connect");
  assertEquals(stage.reports, []);
  for (let turn = 0; turn < 5; turn++) await undefined;
  assertEquals(stage.reports, [["connect", error]]);
});

Deno.test("F57 a listener may remove and add listeners while it is called", () => {
  const stage = new Stage();
  const calls: string[] = [];
  const second = () => calls.push("second");
  const first = () => {
    calls.push("first");
    stage.remove("connect", first);
    stage.remove("connect", second);
    stage.add("connect", () => calls.push("third"));
  };
  stage.add("connect", first);
  stage.add("connect", second);
  stage.emit("connect");
  assertEquals(calls, ["first"]);
  stage.emit("connect");
  assertEquals(calls, ["first", "third"]);
});

Deno.test("3.5 a listener whose signal is none is not counted", () => {
  const { hub } = new Stage();
  const signal: unknown = { aborted: false };
  const options: Record<string, unknown> = { signal };
  assertThrows(() => hub.add("connect", () => {}, options), TypeError);
  assertEquals(hub.wants("connect"), false);
});
