/**
 * A program that exits with a lease open, without closing its pool.
 *
 * Argument: the address of a server.
 */
import { ConnectionPool } from "@jetsocket/pool";

const [baseUrl = ""] = Deno.args;
const pool = new ConnectionPool({ baseUrl });
await pool.acquire("/leased");
await pool.use("/idle", () => {});
console.log("leaving");
Deno.exit(0);
