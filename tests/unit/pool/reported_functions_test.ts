import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { createVirtualPool } from "../../support/virtual_pool.ts";

Deno.test("4.10 F53 a parser's words on a message are in no report of isPong or reply", async () => {
  const parse = (data: unknown) => JSON.parse(String(data));
  for (
    const speech of [{ ping: "ping", isPong: parse }, { reply: parse }]
  ) {
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    await using virtual = createVirtualPool({
      logger: { debug: note, info: note, warn: note, error: note },
      websocket: { heartbeat: { raw: true, ...speech } },
    });
    const { pool, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.message("s3cret");
    const reports = lines.filter((line) => line.includes(" failed "));
    assertEquals(reports.length, 1);
    assertStringIncludes(reports[0] ?? "", "(SyntaxError)");
    assertFalse(lines.join().includes("s3cret"));
    await conn.release();
  }
});
