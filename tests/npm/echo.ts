/**
 * Runs the user's program on the installed package, against a server.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { run } from "./command.ts";

/** A message is sent and comes back. */
export async function checkEcho(
  runtime: string,
  args: readonly string[],
  folder: string,
): Promise<void> {
  await using server = Deno.serve({ port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  const address = `ws://localhost:${server.addr.port}`;
  const said = await run(runtime, [...args, "run.js", address], {
    cwd: folder,
  });
  assertEquals(said, '{"hello":"world"}\n');
}
