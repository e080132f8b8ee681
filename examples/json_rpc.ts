/**
 * JSON-RPC 2.0 over a pool: requests and replies matched by id.
 *
 * Calls at the same time go to connections of their own, as far as the pool
 * has any; a batch shares one connection, and its replies come in any order.
 *
 * `deno run -A examples/json_rpc.ts`
 *
 * @module
 */

import { ConnectionPool } from "@jetsocket/pool";
import { startMarketServer } from "./market_server.ts";
import type { RpcReply, RpcRequest } from "./rpc_service.ts";

type RpcPool = ConnectionPool<RpcReply, RpcRequest>;
type Call = readonly [method: string, ...params: unknown[]];

interface Answered {
  readonly call: Call;
  readonly connection: number;
  readonly reply: RpcReply;
}

const REPLY_TIMEOUT = 5_000;
let lastId = 0;

/**
 * Sends all calls over one connection, resolves in the order of the replies.
 *
 * An RPC error is a value here: `use` discards the connection of a function
 * that throws, and a refused call does not make a connection unfit. A reply
 * that never comes does: `receive` throws, and nobody meets the late reply.
 */
function batch(pool: RpcPool, calls: readonly Call[]): Promise<Answered[]> {
  return pool.use("/rpc", async (conn) => {
    const pending = new Map<RpcReply["id"], Call>();
    for (const call of calls) {
      const [method, ...params] = call;
      const id = ++lastId;
      pending.set(id, call);
      await conn.send({ jsonrpc: "2.0", id, method, params });
    }
    const answered: Answered[] = [];
    while (pending.size > 0) {
      const reply = await conn.receive({ timeout: REPLY_TIMEOUT });
      const call = pending.get(reply.id);
      // A notification or a stranger's reply is not for this batch.
      if (call === undefined) continue;
      pending.delete(reply.id);
      answered.push({ call, connection: conn.id, reply });
    }
    return answered;
  });
}

function print(title: string, answers: readonly Answered[]): void {
  console.log(title);
  for (const { call: [method, ...params], connection, reply } of answers) {
    const outcome = "error" in reply
      ? `error ${reply.error.code}: ${reply.error.message}`
      : JSON.stringify(reply.result);
    const text = `${method}(${params.map((it) => JSON.stringify(it))})`;
    console.log(
      `  connection ${connection}  id ${`${reply.id}`.padStart(2)}  ` +
        `${text.padEnd(18)}  ${outcome}`,
    );
  }
}

async function main(): Promise<void> {
  await using server = startMarketServer();
  await using pool: RpcPool = new ConnectionPool<RpcReply, RpcRequest>({
    baseUrl: server.url,
    maxConnections: 3,
  });

  const calls: Call[] = [
    ["eth_chainId"],
    ["eth_blockNumber"],
    ["echo", "a", "b"],
    ["sleep", 20],
    ["eth_unknown"],
    ["eth_blockNumber"],
  ];
  const answers = await Promise.all(calls.map((call) => batch(pool, [call])));
  print("6 calls at the same time, 3 connections:", answers.flat());

  const slowFirst: Call[] = [["sleep", 300], ["sleep", 150], ["echo", "now"]];
  print("\n3 calls in one lease, as answered:", await batch(pool, slowFirst));
}

if (import.meta.main) await main();
