import type { FakeSocket } from "./fake_socket.ts";

/** A server that answers the bare word `ping` with the bare word `pong`. */
export function answerPings(socket: FakeSocket): number {
  const pings = socket.sent.filter((data) => data === "ping").length;
  const open = pings - (answered.get(socket) ?? 0);
  answered.set(socket, pings);
  for (let ping = 0; ping < open; ping++) socket.message("pong");
  return open;
}

const answered = new WeakMap<FakeSocket, number>();

/** The bare words of OKX and others, under the `json` codec. */
export const BARE_WORDS = {
  interval: 10_000,
  timeout: 3_000,
  raw: true,
  ping: "ping",
  isPong: (data: string | ArrayBuffer) => data === "pong",
} as const;

export function pingCount(socket: FakeSocket): number {
  return socket.sent.filter((data) => data === "ping").length;
}
