/**
 * What the paths of the exchange do with the frames they receive.
 *
 * @module
 */

import { RpcService } from "./rpc_service.ts";
import type { MarketMessage } from "./trade.ts";
import type { TradeFeed } from "./trade_feed.ts";

/** One socket's partner: takes its frames until the socket ends. */
export interface Endpoint {
  receive(text: string): void;
  /** Idempotent; leaves no timer. */
  end(): void;
}

export type Send = (text: string) => void;

type ParsedCommand =
  | { readonly name: "subscribe" | "unsubscribe" }
  | { readonly ping: number }
  | { readonly error: string };

/** Reads a command; the answer to a wrong one says what would be right. */
function parseCommand(text: string): ParsedCommand {
  let command: unknown;
  try {
    command = JSON.parse(text);
  } catch {
    return { error: "the message is not JSON" };
  }
  const [entry, ...others] = typeof command === "object" && command !== null
    ? Object.entries(command)
    : [];
  const [name, value] = others.length === 0 && entry ? entry : [];
  switch (name) {
    case "ping":
      return typeof value === "number"
        ? { ping: value }
        : { error: "ping takes a number" };
    case "subscribe":
    case "unsubscribe":
      return value === "trades"
        ? { name }
        : { error: "the only channel is trades" };
    default:
      return { error: "expected one of subscribe, unsubscribe, ping" };
  }
}

/** `/ws/<symbol>`: trades on demand, and pings. */
export function tradesEndpoint(feed: TradeFeed, send: Send): Endpoint {
  const answer = (message: MarketMessage) => send(JSON.stringify(message));
  return {
    receive(text) {
      const command = parseCommand(text);
      if ("error" in command) answer(command);
      else if ("ping" in command) answer({ pong: command.ping });
      else feed[command.name](send);
    },
    end: () => feed.unsubscribe(send),
  };
}

/** `/rpc`: JSON-RPC 2.0. */
export function rpcEndpoint(send: Send): Endpoint {
  const service = new RpcService(send);
  return {
    receive: (text) => service.handle(text),
    end: () => service.stop(),
  };
}
