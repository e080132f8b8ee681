/**
 * A user's program on the installed package: one message there and back.
 *
 * @module
 */
import { ConnectionPool } from "@jetsocket/pool";
import { argv } from "node:process";

await using pool = new ConnectionPool({ baseUrl: argv[2] });
await using conn = await pool.acquire("/echo");
await conn.send({ hello: "world" });
console.log(JSON.stringify(await conn.receive()));
