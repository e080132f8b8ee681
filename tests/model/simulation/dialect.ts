import type { Codec, WebSocketConfig } from "../../../mod.ts";

/** In everything that must not be shown. */
export const SECRET = "canary";

/** What a message says of itself. */
export interface Tag {
  /** What it is for. */
  readonly kind: string;
  /** Number of the socket it comes over, or of the lease that says it. */
  readonly from: number;
  /** Its number among those of the same origin. */
  readonly number: number;
}

export const CODECS = ["json", "text", "raw", "own"] as const;
export type CodecName = typeof CODECS[number];

const MARK = "~";

/** A codec of the user's own; what it throws must not be shown. */
const ownCodec: Codec = {
  encode: (message) => MARK + JSON.stringify(message),
  decode(data) {
    const text = textOf(data);
    if (!text.startsWith(MARK)) throw new Error(`Bad message: ${text}`);
    return JSON.parse(text.slice(MARK.length));
  },
};

/** Refuses what says that it is spoilt, and quotes it. */
const schema: NonNullable<WebSocketConfig["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "simulation",
    validate: (value) =>
      readTag(value)?.kind === "spoilt"
        ? { issues: [{ message: `spoilt: ${SECRET}`, path: ["kind"] }] }
        : { value },
  },
};

/** How tagged messages travel under a codec. */
export class Dialect {
  readonly name: CodecName;
  readonly hasSchema: boolean;

  constructor(name: CodecName, hasSchema: boolean) {
    this.name = name;
    this.hasSchema = hasSchema;
  }

  get codec(): "json" | "text" | "raw" | Codec {
    return this.name === "own" ? ownCodec : this.name;
  }

  get schema(): WebSocketConfig["schema"] {
    return this.hasSchema ? schema : undefined;
  }

  /** Whether a message that is no message can be recognised. */
  get knowsGarbage(): boolean {
    return this.name === "json" || this.name === "own";
  }

  /** Whether a schema that can read the tags is there. */
  get knowsSpoilt(): boolean {
    return this.hasSchema && this.knowsGarbage;
  }

  /** What goes over the wire. */
  toWire(tag: Tag, padding = ""): string {
    const text = JSON.stringify({ ...tag, secret: SECRET + padding });
    return this.name === "own" ? MARK + text : text;
  }

  fromWire(data: unknown): Tag | undefined {
    const text = textOf(data);
    return parseTag(this.name === "own" ? text.slice(MARK.length) : text);
  }

  /** What a caller gives to `send`. */
  toMessage(tag: Tag, padding = ""): unknown {
    const message = { ...tag, secret: SECRET + padding };
    return this.knowsGarbage ? message : JSON.stringify(message);
  }

  /** What a caller has got from the pool. */
  fromMessage(message: unknown): Tag | undefined {
    if (this.knowsGarbage) return readTag(message);
    return parseTag(textOf(message));
  }
}

function textOf(data: unknown): string {
  if (typeof data === "string") return data;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) {
    return new TextDecoder().decode(data);
  }
  return "";
}

function parseTag(text: string): Tag | undefined {
  try {
    return readTag(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function readTag(value: unknown): Tag | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("kind" in value) || !("from" in value) || !("number" in value)) {
    return undefined;
  }
  const { kind, from, number } = value;
  return typeof kind === "string" && typeof from === "number" &&
      typeof number === "number"
    ? { kind, from, number }
    : undefined;
}
