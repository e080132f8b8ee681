import { assertStrictEquals } from "@std/assert";
import { AnswerSource, Rejection } from "../../../src/io/answer.ts";

Deno.test("4.2 an answer settles its promise, however many are made before it comes", async () => {
  const source = new AnswerSource<object>();
  const pending = Array.from({ length: 3 }, () => {
    const promise = source.make();
    return { promise, answer: source.take() };
  });
  const handles = pending.map(() => ({}));
  for (const [index, handle] of handles.entries()) {
    pending[index]?.answer(handle);
  }
  const settled = await Promise.all(pending.map(({ promise }) => promise));
  for (const [index, handle] of handles.entries()) {
    assertStrictEquals(settled[index], handle);
  }
});

Deno.test("4.2 a rejection settles a promise with its reason, whatever that is", async () => {
  for (const reason of [new Error("why"), undefined, "why", { then: 1 }]) {
    const source = new AnswerSource<object>();
    const promise = source.make();
    const answer = source.take();
    answer(new Rejection(reason));
    answer({});
    let caught: unknown = "nothing";
    await promise.catch((error) => caught = error);
    assertStrictEquals(caught, reason);
  }
});
