import { assertEquals } from "@std/assert";
import { CountingEventTarget } from "../../support/counting_event_target.ts";

Deno.test("CountingEventTarget counts listeners by type", () => {
  const target = new CountingEventTarget();
  const listener = () => {};
  target.addEventListener("a", listener);
  target.addEventListener("a", listener);
  target.addEventListener("a", listener, { capture: true });
  target.addEventListener("b", listener);
  target.addEventListener("b", null);
  assertEquals(target.listenerCount("a"), 2);
  assertEquals(target.listenerCount(), 3);
  target.removeEventListener("a", listener);
  target.removeEventListener("a", listener);
  assertEquals(target.listenerCount("a"), 1);
  target.removeEventListener("a", listener, true);
  target.removeEventListener("b", () => {});
  assertEquals(target.listenerCount("a"), 0);
  assertEquals(target.listenerCount(), 1);
});

Deno.test("CountingEventTarget forgets once and aborted listeners", () => {
  const target = new CountingEventTarget();
  const { signal, abort } = abortable();
  const counts: number[] = [];
  target.addEventListener("a", () => counts.push(target.listenerCount()), {
    once: true,
  });
  target.addEventListener("b", () => {}, { signal });
  target.addEventListener("b", () => {}, { signal: AbortSignal.abort() });
  assertEquals(target.listenerCount(), 2);
  target.dispatchEvent(new Event("a"));
  target.dispatchEvent(new Event("a"));
  assertEquals(counts, [1]);
  abort();
  assertEquals(target.listenerCount(), 0);
});

Deno.test("CountingEventTarget calls functions and objects", () => {
  const target = new CountingEventTarget();
  const heard: unknown[] = [];
  const object = {
    handleEvent(event: Event) {
      heard.push(this === object, event.target === target);
    },
  };
  target.addEventListener("a", object);
  target.addEventListener("a", (event) => heard.push(event.type));
  target.dispatchEvent(new Event("a"));
  assertEquals(heard, [true, true, "a"]);
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
