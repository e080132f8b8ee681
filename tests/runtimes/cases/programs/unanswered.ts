/**
 * A program whose server answers no close: the pool gives up, and says so; the
 * runtime's socket holds the process as long as the server is there.
 *
 * Argument: the address of the server, for `baseUrl`.
 */

import process from "node:process";
import { ConnectionPool } from "@jetsocket/pool";

const pool = new ConnectionPool({
  baseUrl: process.argv[2] ?? "",
  websocket: { closeTimeout: 50 },
});
await pool.use("/no-close-answer", () => {});
const { abandoned } = await pool.close();
console.log(`abandoned ${abandoned}`);
