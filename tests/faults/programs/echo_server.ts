/**
 * The echo server of the tests as a process of its own, to be stopped, killed
 * and started again. It says its port and runs until it is killed.
 *
 * Argument: a port to come back on, or 0.
 */
import { EchoServer } from "../../support/echo_server.ts";

const [port = "0"] = Deno.args;
const server = EchoServer.start({ port: Number(port) });
console.log(`listening on ${server.port}`);
