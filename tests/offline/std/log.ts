/**
 * Stands in for `@std/log` where JSR is out of reach: levels, loggers, handlers
 * of one's own, the console handler and `setup`, with the original's output.
 * Its file handlers, its `LogRecord` class and its top-level `info()` and the
 * like are left out and do not compile.
 *
 * @module
 */

/** The levels, by name. */
export const LogLevels = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

/** A level's name. */
export type LevelName = keyof typeof LogLevels;

/** A level's number. */
export type LogLevel = typeof LogLevels[LevelName];

/** One message on its way to the handlers. */
export interface LogRecord {
  /** The message as text. */
  readonly msg: string;
  /** What was given after the message. */
  readonly args: unknown[];
  /** When it was logged. */
  readonly datetime: Date;
  /** How grave it is. */
  readonly level: number;
  /** The name of that level. */
  readonly levelName: string;
  /** Who logged it. */
  readonly loggerName: string;
}

/** Turns a record into a line. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** What every handler takes. */
export interface BaseHandlerOptions {
  /** Replaces `LEVEL message`. */
  formatter?: FormatterFunction;
}

/** Writes the records at or above its level somewhere. */
export abstract class BaseHandler {
  readonly levelName: LevelName;
  formatter: FormatterFunction;

  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.levelName = levelName;
    this.formatter = options.formatter ??
      (({ levelName, msg }) => `${levelName} ${msg}`);
  }

  /** Formats and writes a record, unless it is below the level. */
  handle(logRecord: LogRecord): void {
    if (logRecord.level < LogLevels[this.levelName]) return;
    this.log(this.format(logRecord));
  }

  /** Turns a record into a line. */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /** Writes a line. */
  abstract log(msg: string): void;

  /** Called when `setup` takes the handler into use. */
  setup(): void {}

  /** Called when the next `setup` drops it. */
  destroy(): void {}
}

/** What {@linkcode ConsoleHandler} takes. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /**
   * Colours a line by its level.
   *
   * @default true
   */
  useColors?: boolean;
}

const COLORS: Partial<Record<string, readonly [on: string, off: string]>> = {
  INFO: ["\x1b[34m", "\x1b[39m"],
  WARN: ["\x1b[33m", "\x1b[39m"],
  ERROR: ["\x1b[31m", "\x1b[39m"],
  CRITICAL: ["\x1b[1m\x1b[31m", "\x1b[39m\x1b[22m"],
};

/** Writes to the console. */
export class ConsoleHandler extends BaseHandler {
  readonly #useColors: boolean;

  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
    this.#useColors = (options.useColors ?? true) && !Deno.noColor;
  }

  override format(logRecord: LogRecord): string {
    const line = super.format(logRecord);
    const color = COLORS[logRecord.levelName];
    if (!this.#useColors || color === undefined) return line;
    return color[0] + line + color[1];
  }

  log(msg: string): void {
    console.log(msg);
  }
}

/** What {@linkcode Logger} takes. */
export interface LoggerOptions {
  /** Who gets its records. */
  handlers?: BaseHandler[];
}

type AnyFunction = (...args: never[]) => unknown;
type Value<T> = T extends AnyFunction ? never : T;

/**
 * Passes messages at or above its level to its handlers.
 *
 * Each method returns its message. A function is called for the message, and
 * only if the level is on.
 */
export class Logger {
  levelName: LevelName;
  handlers: BaseHandler[];
  readonly loggerName: string;

  constructor(
    loggerName: string,
    levelName: LevelName,
    options: LoggerOptions = {},
  ) {
    this.loggerName = loggerName;
    this.levelName = levelName;
    this.handlers = options.handlers ?? [];
  }

  debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
  debug<T>(msg: Value<T>, ...args: unknown[]): T;
  debug<T>(msg: Value<T> | (() => T), ...args: unknown[]): T | undefined {
    return this.#log("DEBUG", msg, args);
  }

  info<T>(msg: () => T, ...args: unknown[]): T | undefined;
  info<T>(msg: Value<T>, ...args: unknown[]): T;
  info<T>(msg: Value<T> | (() => T), ...args: unknown[]): T | undefined {
    return this.#log("INFO", msg, args);
  }

  warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
  warn<T>(msg: Value<T>, ...args: unknown[]): T;
  warn<T>(msg: Value<T> | (() => T), ...args: unknown[]): T | undefined {
    return this.#log("WARN", msg, args);
  }

  error<T>(msg: () => T, ...args: unknown[]): T | undefined;
  error<T>(msg: Value<T>, ...args: unknown[]): T;
  error<T>(msg: Value<T> | (() => T), ...args: unknown[]): T | undefined {
    return this.#log("ERROR", msg, args);
  }

  critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
  critical<T>(msg: Value<T>, ...args: unknown[]): T;
  critical<T>(msg: Value<T> | (() => T), ...args: unknown[]): T | undefined {
    return this.#log("CRITICAL", msg, args);
  }

  #log<T>(
    levelName: LevelName,
    msg: Value<T> | (() => T),
    args: unknown[],
  ): T | undefined {
    const level = LogLevels[levelName];
    const lazy = msg instanceof Function;
    if (level < LogLevels[this.levelName]) return lazy ? undefined : msg;
    const value = lazy ? msg() : msg;
    const record: LogRecord = {
      msg: text(value),
      args: [...args],
      datetime: new Date(),
      level,
      levelName,
      loggerName: this.loggerName,
    };
    for (const handler of this.handlers) handler.handle(record);
    return value;
  }
}

function text(data: unknown, quoted = false): string {
  if (typeof data === "string") return quoted ? `"${data}"` : data;
  if (data instanceof Error) return data.stack ?? String(data);
  if (typeof data === "function") return "undefined";
  if (typeof data !== "object" || data === null) return String(data);
  const entries = Object.entries(data)
    .map(([name, value]) => `"${name}":${text(value, true)}`);
  return `{${entries.join(",")}}`;
}

/** One logger of a {@linkcode LogConfig}. */
export interface LoggerConfig {
  /** The lowest level it passes on. */
  level?: LevelName;
  /** Names of handlers of the same configuration. */
  handlers?: string[];
}

/** What {@linkcode setup} takes; each name replaces the former one. */
export interface LogConfig {
  /** Handlers by name. */
  handlers?: Record<string, BaseHandler>;
  /** Loggers by name; `default` is the one without a name. */
  loggers?: Record<string, LoggerConfig>;
}

const DEFAULTS = {
  handlers: { default: new ConsoleHandler("INFO") },
  loggers: { default: { level: "INFO", handlers: ["default"] } },
} satisfies LogConfig;

let handlers = new Map<string, BaseHandler>();
let loggers = new Map<string, Logger>();

/** Replaces all handlers and loggers. */
export function setup(config: LogConfig): void {
  for (const handler of handlers.values()) handler.destroy();
  handlers = new Map(
    Object.entries({ ...DEFAULTS.handlers, ...config.handlers }),
  );
  for (const handler of handlers.values()) handler.setup();
  const wanted: Record<string, LoggerConfig> = {
    ...DEFAULTS.loggers,
    ...config.loggers,
  };
  loggers = new Map();
  for (
    const [name, { level = "INFO", handlers: names = [] }] of Object.entries(
      wanted,
    )
  ) {
    const chosen = names.map((name) => handlers.get(name))
      .filter((handler) => handler !== undefined);
    loggers.set(name, new Logger(name, level, { handlers: chosen }));
  }
}

/** The logger of that name, silent if `setup` did not name it. */
export function getLogger(name = "default"): Logger {
  let logger = loggers.get(name);
  if (logger === undefined) {
    logger = new Logger(name, "NOTSET");
    loggers.set(name, logger);
  }
  return logger;
}

setup(DEFAULTS);
