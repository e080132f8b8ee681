import type {
  ConnectionPoolConfig,
  HeartbeatConfig,
  Logger,
  WireData,
} from "../../../mod.ts";
import type { Dialect } from "./dialect.ts";
import { SECRET } from "./dialect.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { UserCode } from "./user_code.ts";

/** The heartbeat of a plan, and how often it has taken a message for itself. */
export class Beat {
  taken = 0;
  readonly config: HeartbeatConfig | undefined;

  constructor({ heartbeat }: Plan, dialect: Dialect) {
    if (heartbeat === undefined) return;
    const { style, interval, timeout, maxSilence, replies } = heartbeat;
    const timing = { interval, timeout, maxSilence };
    const ping = { kind: "ping", from: 0, number: 0 };
    const answer = { kind: "answer", from: 0, number: 0 };
    if (style === "raw") {
      this.config = {
        ...timing,
        raw: true,
        ping: () => dialect.toWire(ping),
        isPong: (data) => this.#takes(dialect.fromWire(data), "pong"),
        ...replies && {
          reply: (data: WireData) =>
            this.#takes(dialect.fromWire(data), "demand")
              ? dialect.toWire(answer)
              : undefined,
        },
      };
      return;
    }
    this.config = {
      ...timing,
      ...style === "message" && {
        ping: () => dialect.toMessage(ping),
        isPong: (message: unknown) =>
          this.#takes(dialect.fromMessage(message), "pong"),
      },
      ...replies && {
        reply: (message: unknown) =>
          this.#takes(dialect.fromMessage(message), "demand")
            ? dialect.toMessage(answer)
            : undefined,
      },
    };
  }

  #takes(tag: { readonly kind: string } | undefined, kind: string): boolean {
    if (tag?.kind !== kind) return false;
    this.taken++;
    return true;
  }
}

/** The configuration that a plan stands for. */
export function configOf(
  plan: Plan,
  network: Network,
  userCode: UserCode,
  dialect: Dialect,
  heartbeat: HeartbeatConfig | undefined,
  logger: Logger,
): ConnectionPoolConfig {
  const { hooks, timeouts } = plan;
  const { schema } = dialect;
  return {
    baseUrl: `wss://${SECRET}:${SECRET}@h.example?token=${SECRET}`,
    ...plan.limits,
    ...plan.connectRate && { connectRate: plan.connectRate },
    ...hooks.reset !== "none" && { reset: userCode.reset },
    ...hooks.healthCheck !== "none" && { healthCheck: userCode.healthCheck },
    idleMessages: plan.idleMessages,
    logger,
    websocket: {
      factory: network.factory,
      codec: dialect.codec,
      ...schema && { schema },
      onInvalid: plan.onInvalid,
      inbox: plan.inbox,
      sendHighWaterMark: plan.sendHighWaterMark,
      connectTimeout: timeouts.connect,
      closeTimeout: timeouts.close,
      reconnect: plan.reconnect,
      ...heartbeat && { heartbeat },
      ...hooks.onOpen !== "none" && { onOpen: userCode.onOpen },
      ...hooks.classify !== "none" && { classify: userCode.classify },
      ...hooks.resolveUrl !== "none" && { resolveUrl: userCode.resolveUrl },
      ...hooks.headers === "static" && { headers: { "x-api-key": SECRET } },
      ...hooks.headers === "function" && { headers: userCode.headers },
    },
  };
}
