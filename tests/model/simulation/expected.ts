import type { RetireReason } from "../../../mod.ts";
import { EVENT_TYPES } from "../../support/event_types.ts";
import { RUNTIMES } from "./plan.ts";
import { FAULTS } from "./faults.ts";
import { MOODS } from "./server.ts";

const RETIRE_REASONS: Record<RetireReason, true> = {
  idle: true,
  lifetime: true,
  probe: true,
  evicted: true,
  lost: true,
  discarded: true,
  cleared: true,
  closed: true,
};

/** Names that belong together, as a tally has them. */
function each(group: string, names: readonly string[]): string[] {
  return names.map((name) => `${group}: ${name}`);
}

/**
 * What happens over a hundred seeds, or the simulation is too kind. Only a
 * `leak` of a garbage-collected handle is left out: no seed decides it.
 */
export const EXPECTED: readonly string[] = [
  ...each("runtime", RUNTIMES),
  ...each("fault", FAULTS.filter((fault) => fault !== "mood")),
  ...each("fault", MOODS.map((mood) => `mood ${mood}`)),
  ...MOODS.filter((mood) => mood !== "unaddressable")
    .map((mood) => `dialled while ${mood}`),
  ...each("given up while connecting", RUNTIMES),
  "closes twice",
  "delivered: late",
  "delivered: garbage",
  "delivered: spoilt",
  "delivered: demand",
  "delivered: pong",
  "lingering",
  "abandoned",
  "drained",
  "forced",
  ...each("event", EVENT_TYPES),
  ...each("retire", Object.keys(RETIRE_REASONS)),
  ...each("acquire", ["new", "reused"]),
  ...each("release", ["released", "discarded"]),
  ...each("exhausted", ["timeout", "queue-full"]),
  ...each("lost", ["closed", "broken"]),
  ...each("reconnecting", ["lost", "heartbeat", "rotation"]),
  ...each("reconnect", ["lost", "heartbeat", "rotation"]),
  ...each("healthcheck", ["passed", "failed"]),
  ...each("gap", ["overflow", "invalid", "unread", "idle", "late"]),
  ...each("connect", ["acquire", "warm"]),
  ...each("connectfailed", ["resolve", "dial", "protocol", "open-hook"]),
  ...each("ConnectError", ["resolve", "dial", "protocol", "open-hook"]),
  ...["slot", "dial-slot", "rate"]
    .map((shortage) => `exhausted for want of a ${shortage}`),
  ...each("error", [
    "POOL_EXHAUSTED",
    "POOL_CLOSED",
    "CONNECT_FAILED",
    "CONNECTION_LOST",
    "LEASE_RELEASED",
    "INBOX_OVERFLOW",
    "INVALID_MESSAGE",
    "TimeoutError",
    "TypeError",
  ]),
  "cause: HEARTBEAT_TIMEOUT",
  ...each("hook", ["onOpen", "onReconnect", "reset", "healthCheck"]),
  ...each("hangs", ["onOpen", "reset", "resolveUrl", "headers"]),
  ...each("throws", ["onOpen", "reset", "resolveUrl", "headers", "classify"]),
  ...["acquire", "release", "connect", "connectfailed", "retire", "gap"]
    .map((where) => `re-entered from ${where}`),
  ...each("reads", ["receive", "iterate", "forEach"]),
  ...each("given back", ["release", "discard", "dispose", "using"]),
  ...each("call", [
    "acquire",
    "say",
    "read",
    "release",
    "misuse",
    "abort",
    "use",
    "warm",
    "tryAcquire",
    "clear",
    "stale hook",
    "rest",
  ]),
];
