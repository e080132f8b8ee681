/**
 * A small exchange for the examples: real sockets, invented trades.
 *
 * - `/ws/<symbol>` (lower-case letters and digits) understands
 *   `{"subscribe":"trades"}`, `{"unsubscribe":"trades"}` and `{"ping":1}`;
 *   anything else is answered with `{"error":"..."}`.
 * - `/rpc` speaks JSON-RPC 2.0: `eth_blockNumber`, `eth_chainId`, `echo` and
 *   `sleep` (which answers after that many milliseconds).
 * - Every other path is a 404, a request without an upgrade a 426.
 *
 * Alone: `deno run -A examples/market_server.ts --port 8080`
 *
 * @module
 */

import {
  onInterrupt,
  readCommandLine,
  runProgram,
  UsageError,
  wholeNumber,
} from "./command_line.ts";
import {
  type Endpoint,
  rpcEndpoint,
  type Send,
  tradesEndpoint,
} from "./market_endpoints.ts";
import { TradeFeed } from "./trade_feed.ts";

export interface MarketServerOptions {
  /** @default {0} a free port */
  readonly port?: number | undefined;
  /** Average time between two trades of a symbol. @default {150} */
  readonly intervalMs?: number | undefined;
  /** The same seed gives the same prices. @default {a random one} */
  readonly seed?: number | undefined;
}

export interface MarketServer extends AsyncDisposable {
  /** `ws://127.0.0.1:<port>` */
  readonly url: string;
  /** Sockets open now. */
  readonly connections: number;
  /** The most that were open at the same time. */
  readonly peak: number;
  /** Sockets opened since the start. */
  readonly accepted: number;
  /** Ends every socket with 1001, once it has sent what is buffered. */
  close(): Promise<void>;
}

const SYMBOL_PATH = /^\/ws\/([a-z0-9]+)$/;
const DEFAULT_INTERVAL = 150;

/** Starts the exchange on the loopback interface. */
export function startMarketServer(
  options: MarketServerOptions = {},
): MarketServer {
  const { port = 0, intervalMs = DEFAULT_INTERVAL } = options;
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const feeds = new Map<string, TradeFeed>();
  const sockets = new Map<WebSocket, Endpoint>();
  let peak = 0;
  let accepted = 0;
  let closing: Promise<void> | undefined;

  function feedOf(symbol: string): TradeFeed {
    let feed = feeds.get(symbol);
    if (feed === undefined) {
      feed = new TradeFeed(symbol, { seed, intervalMs });
      feeds.set(symbol, feed);
    }
    return feed;
  }

  function endpointOf(path: string): ((send: Send) => Endpoint) | undefined {
    if (path === "/rpc") return rpcEndpoint;
    const symbol = SYMBOL_PATH.exec(path)?.[1];
    return symbol === undefined
      ? undefined
      : (send) => tradesEndpoint(feedOf(symbol), send);
  }

  function attach(socket: WebSocket, open: (send: Send) => Endpoint): void {
    const send = (text: string) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    };
    const endpoint = open(send);
    socket.onopen = () => {
      sockets.set(socket, endpoint);
      accepted++;
      peak = Math.max(peak, sockets.size);
    };
    socket.onmessage = ({ data }) => {
      // A late subscription would start a timer that nobody stops.
      if (closing) return;
      if (typeof data === "string") endpoint.receive(data);
      else send(JSON.stringify({ error: "binary frames are not understood" }));
    };
    socket.onclose = () => {
      sockets.delete(socket);
      endpoint.end();
    };
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => {
      const open = endpointOf(new URL(request.url).pathname);
      if (open === undefined) {
        return new Response("paths: /ws/<symbol>, /rpc\n", { status: 404 });
      }
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
        return new Response("this path speaks WebSocket\n", { status: 426 });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      attach(socket, open);
      return response;
    },
  );

  async function shutDown(): Promise<void> {
    // Not left to the sockets' end: a peer that reads nothing holds that up.
    for (const endpoint of sockets.values()) endpoint.end();
    await server.shutdown();
  }

  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    get connections() {
      return sockets.size;
    },
    get peak() {
      return peak;
    },
    get accepted() {
      return accepted;
    },
    close: () => closing ??= shutDown(),
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}

const HELP = `A small exchange on the loopback interface, until Ctrl-C.

  deno run -A examples/market_server.ts [options]

  --port N      port to listen on (default: a free one)
  --interval N  average ms between two trades of a symbol (default: ${DEFAULT_INTERVAL})
  --seed N      the same seed gives the same prices (default: a random one)
  --help`;

async function main(args: readonly string[]): Promise<void> {
  const { help, options, words } = readCommandLine(args, [
    "port",
    "interval",
    "seed",
  ]);
  if (help) return console.log(HELP);
  const [word] = words;
  if (word !== undefined) throw new UsageError(`unknown argument ${word}`);

  const { port, interval, seed } = options;
  const stopped = Promise.withResolvers<void>();
  await using server = startMarketServer({
    port: wholeNumber("port", port, { min: 0, max: 65_535 }),
    intervalMs: wholeNumber("interval", interval, { min: 1 }),
    seed: wholeNumber("seed", seed, { min: 0 }),
  });
  using _ = onInterrupt(stopped.resolve);
  console.log(`listening on ${server.url} (Ctrl-C stops)`);
  await stopped.promise;
}

if (import.meta.main) await runProgram(main);
