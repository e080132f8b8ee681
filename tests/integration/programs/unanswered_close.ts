/**
 * A program whose server never answers a close: the pool gives up, and says so;
 * the runtime's socket holds the process until the server is gone.
 *
 * Argument: the address of that server.
 */
import { ConnectionPool } from "@jetsocket/pool";

const [baseUrl = ""] = Deno.args;
const pool = new ConnectionPool({ baseUrl, websocket: { closeTimeout: 50 } });
await pool.use("/no-close-answer", () => {});
const { abandoned } = await pool.close();
console.log(`abandoned ${abandoned}`);
