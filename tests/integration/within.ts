import { deadline } from "@std/async/deadline";

/** Wide, as machines are shared: what a test waits for takes ms. */
const LIMIT = 20_000;

/** A promise that a broken pool would leave pending: rejects after real 20 s. */
export function within<Value>(promise: Promise<Value>): Promise<Value> {
  return deadline(promise, LIMIT);
}

/** The next messages of a stream, by iteration; fewer if it ends before. */
export function take<Message>(
  messages: AsyncIterable<Message>,
  count: number,
): Promise<Message[]> {
  const taking = async () => {
    const taken: Message[] = [];
    for await (const message of messages) {
      if (taken.push(message) === count) break;
    }
    return taken;
  };
  return within(taking());
}
