/**
 * A JSON-RPC 2.0 service of four methods, and the shape of its messages.
 *
 * @module
 */

export interface RpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: number | string;
  readonly method: string;
  readonly params?: readonly unknown[];
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
}

export type RpcReply =
  & { readonly jsonrpc: "2.0"; readonly id: number | string | null }
  & ({ readonly result: unknown } | { readonly error: RpcError });

/** The codes the specification fixes. */
export const RPC_ERRORS = {
  parse: { code: -32700, message: "Parse error" },
  request: { code: -32600, message: "Invalid Request" },
  method: { code: -32601, message: "Method not found" },
  params: { code: -32602, message: "Invalid params" },
} as const;

const BLOCK_NUMBER = "0x1406f40";
const LONGEST_SLEEP = 10_000;

type Answer = { result: unknown } | { error: RpcError };

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Reflect.get(value, name)
    : undefined;
}

/** Answers the requests of one connection. */
export class RpcService {
  readonly #send: (text: string) => void;
  readonly #sleeps = new Set<ReturnType<typeof setTimeout>>();

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Takes one frame; a request without an id is not answered. */
  handle(text: string): void {
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      this.#reply(null, { error: RPC_ERRORS.parse });
      return;
    }
    const id = field(request, "id");
    const method = field(request, "method");
    const params = field(request, "params") ?? [];
    const answerable = typeof id === "number" || typeof id === "string";
    if (
      field(request, "jsonrpc") !== "2.0" || typeof method !== "string" ||
      !(answerable || id === undefined)
    ) {
      this.#reply(answerable ? id : null, { error: RPC_ERRORS.request });
      return;
    }
    const reply = (answer: Answer) => {
      if (answerable) this.#reply(id, answer);
    };
    if (Array.isArray(params)) this.#call(method, params, reply);
    else reply({ error: RPC_ERRORS.params });
  }

  /** Ends the sleeps that still run. */
  stop(): void {
    for (const timer of this.#sleeps) clearTimeout(timer);
    this.#sleeps.clear();
  }

  #call(
    method: string,
    params: readonly unknown[],
    reply: (answer: Answer) => void,
  ): void {
    switch (method) {
      case "eth_blockNumber":
        return reply({ result: BLOCK_NUMBER });
      case "eth_chainId":
        return reply({ result: "0x1" });
      case "echo":
        return reply({ result: params });
      case "sleep":
        return this.#sleep(params[0], reply);
      default:
        return reply({ error: RPC_ERRORS.method });
    }
  }

  #sleep(duration: unknown, reply: (answer: Answer) => void): void {
    if (
      typeof duration !== "number" || !(duration >= 0) ||
      duration > LONGEST_SLEEP
    ) {
      return reply({ error: RPC_ERRORS.params });
    }
    const timer = setTimeout(() => {
      this.#sleeps.delete(timer);
      reply({ result: duration });
    }, duration);
    this.#sleeps.add(timer);
  }

  #reply(id: RpcReply["id"], answer: Answer): void {
    const reply: RpcReply = { jsonrpc: "2.0", id, ...answer };
    this.#send(JSON.stringify(reply));
  }
}
