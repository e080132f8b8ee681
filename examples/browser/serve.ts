/**
 * Serves the page beside it, with an exchange of its own:
 *
 *     deno task npm && deno run -A examples/browser/serve.ts
 *
 * @module
 */

import { startMarketServer } from "../market_server.ts";
import { onInterrupt } from "../command_line.ts";

export interface PageOptions {
  /** @default {0} a free port */
  readonly port?: number;
  /** The library as one module for browsers. @default what `deno task npm` made */
  readonly library?: URL | string;
}

export interface Page extends AsyncDisposable {
  readonly url: string;
}

const LIBRARY = new URL("../../dist/package/mod.js", import.meta.url);

/** Starts the page and its exchange on the loopback interface. */
export function startPage(options: PageOptions = {}): Page {
  const { port = 0, library = LIBRARY } = options;
  const files = new Map([
    ["/", {
      path: new URL("index.html", import.meta.url),
      type: "text/html",
    }],
    ["/pool.js", { path: library, type: "text/javascript" }],
  ]);
  const exchange = startMarketServer();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    async (request) => {
      const file = files.get(new URL(request.url).pathname);
      if (file === undefined) return new Response(null, { status: 404 });
      const headers = { "Content-Type": `${file.type}; charset=utf-8` };
      return new Response(await Deno.readFile(file.path), { headers });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/?exchange=${exchange.url}`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await exchange.close();
    },
  };
}

if (import.meta.main) {
  const stopped = Promise.withResolvers<void>();
  await using page = startPage({ port: 8000 });
  using _ = onInterrupt(stopped.resolve);
  console.log(`${page.url} (Ctrl-C stops)`);
  await stopped.promise;
}
