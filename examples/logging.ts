/**
 * The pool writes to any logger with `debug`, `info`, `warn` and `error`;
 * here to one of `@std/log`.
 *
 * `deno run -A examples/logging.ts`
 *
 * @module
 */

import { ConnectionPool, JetSocketError } from "@jetsocket/pool";
import { ConsoleHandler, getLogger, setup } from "@std/log";
import { startMarketServer } from "./market_server.ts";

setup({
  handlers: {
    console: new ConsoleHandler("DEBUG", {
      useColors: false,
      formatter: ({ datetime, levelName, loggerName, msg }) =>
        [
          datetime.toISOString().slice(11, 23),
          levelName.padEnd(5),
          loggerName.padEnd(4),
          msg,
        ].join("  "),
    }),
  },
  loggers: {
    pool: { level: "DEBUG", handlers: ["console"] },
    main: { level: "DEBUG", handlers: ["console"] },
  },
});

async function main(): Promise<void> {
  const log = getLogger("main");
  await using server = startMarketServer();
  await using pool = new ConnectionPool({
    baseUrl: server.url,
    logger: getLogger("pool"),
  });

  log.info("a lease");
  await pool.use("/ws/btcusdt", async (conn) => {
    await conn.send({ ping: 1 });
    await conn.receive();
  });

  log.info("a path the server does not know");
  try {
    await pool.use("/nowhere", () => {});
  } catch (error) {
    if (!(error instanceof JetSocketError)) throw error;
    log.error(`${error.name}: ${error.message}`);
  }

  log.info("the end");
}

if (import.meta.main) await main();
