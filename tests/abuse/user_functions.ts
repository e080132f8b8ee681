import type { PoolEventType } from "@jetsocket/pool";
import { EVENT_TYPES } from "../support/event_types.ts";

/** A function of the user's, as the pool calls it: what it does is what is tested. */
export type UserFunction = (...given: unknown[]) => unknown;

/** One place where user code is called. */
export interface Place {
  readonly name: string;
  /** Whether an acquire succeeds whatever the function does. */
  readonly isHarmless: boolean;
  /** The options with the function in its place. */
  config(run: UserFunction): Record<string, unknown>;
  /** What an honest function answers there; a factory's is the network's. */
  readonly honest?: UserFunction;
  /** The type of event that it listens to. */
  readonly listensTo?: PoolEventType;
  /** Whether it is the `onReconnect` of a lease. */
  readonly renews?: true;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function poolOption(name: string, honest?: UserFunction): Place {
  return {
    name,
    isHarmless: true,
    ...(honest === undefined ? {} : { honest }),
    config: (run) => ({ logger: SILENT, [name]: run }),
  };
}

function socketOption(
  name: string,
  isHarmless: boolean,
  honest?: UserFunction,
): Place {
  return {
    name: `websocket.${name}`,
    isHarmless,
    ...(honest === undefined ? {} : { honest }),
    config: (run) => ({ logger: SILENT, websocket: { [name]: run } }),
  };
}

function heartbeat(name: string, rest: object): Place {
  const beat = { interval: 400, timeout: 100, ...rest };
  return {
    name: `websocket.heartbeat.${name}`,
    isHarmless: true,
    config: (run) => ({
      logger: SILENT,
      websocket: { heartbeat: { ...beat, [name]: run } },
    }),
  };
}

function codec(name: "encode" | "decode"): Place {
  const plain = {
    encode: (message: unknown) => JSON.stringify(message),
    decode: (data: unknown) => JSON.parse(String(data)),
  };
  return {
    name: `websocket.codec.${name}`,
    isHarmless: true,
    honest: (given) => plain[name](given),
    config: (run) => ({
      logger: SILENT,
      websocket: { codec: { ...plain, [name]: run } },
    }),
  };
}

function loggerMethod(level: keyof typeof SILENT): Place {
  return {
    name: `logger.${level}`,
    isHarmless: true,
    config: (run) => ({ logger: { ...SILENT, [level]: run } }),
  };
}

function schema(name: string, onInvalid: "throw" | "skip"): Place {
  return {
    name,
    isHarmless: true,
    honest: (value) => ({ value }),
    config: (validate) => ({
      logger: SILENT,
      websocket: {
        onInvalid,
        schema: { "~standard": { version: 1, vendor: "test", validate } },
      },
    }),
  };
}

function listener(type: PoolEventType): Place {
  return {
    name: `listener of ${type}`,
    isHarmless: true,
    config: () => ({ logger: SILENT }),
    listensTo: type,
  };
}

/** Every place where the pool calls user code. */
export const PLACES: readonly Place[] = [
  poolOption("healthCheck", () => true),
  poolOption("reset"),
  poolOption("redactUrl", String),
  socketOption("headers", false, () => ({})),
  socketOption("resolveUrl", false, (context) => Object(context).url),
  socketOption("onOpen", false),
  socketOption("factory", false),
  socketOption("classify", true, () => "retry"),
  codec("encode"),
  codec("decode"),
  schema("websocket.schema", "throw"),
  schema("websocket.schema, skipping", "skip"),
  heartbeat("ping", {}),
  heartbeat("isPong", { ping: "ping" }),
  heartbeat("isPong", { ping: "ping", raw: true }),
  heartbeat("reply", {}),
  heartbeat("reply", { raw: true }),
  ...(["debug", "info", "warn", "error"] as const).map(loggerMethod),
  {
    name: "onReconnect",
    isHarmless: true,
    config: () => ({ logger: SILENT }),
    renews: true,
  },
  ...EVENT_TYPES.map(listener),
];
