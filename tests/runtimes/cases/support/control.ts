/**
 * What the cases are told, and what they and the raw server say to each other
 * beside the WebSockets.
 *
 * @module
 */

/** What a case wants of its peers, as the body of a POST. */
export type Command =
  | { readonly do: "wait"; readonly until: Awaited }
  | { readonly do: "tell"; readonly peer: number; readonly action: Action }
  /** Resets whatever is still there. */
  | { readonly do: "end" };

/** Everything given must hold at the same time. */
export interface Awaited {
  /** WebSockets now. */
  readonly open?: number;
  /** Requests so far, at least. */
  readonly total?: number;
  /** Messages that came in over all of them, at least. */
  readonly messages?: number;
  /** Ping frames that came in over all of them, at least. */
  readonly pings?: number;
}

/** What one peer is to do. */
export type Action =
  | { readonly name: "text"; readonly text: string }
  | { readonly name: "close"; readonly code: number; readonly reason: string }
  /** Texts `0`, `1`, ... in one TCP write, with a close frame if it has a code. */
  | { readonly name: "burst"; readonly count: number; readonly code?: number }
  /** `cut` is a whole message, part of another, and an RST. */
  | { readonly name: "fin" | "reset" | "pause" | "cut" | "invalid-utf8" };

/** The server's end of one WebSocket of a case. */
export interface PeerState {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /** Texts only. */
  readonly messages: readonly string[];
  readonly pings: number;
  /** Of the client's close frame. */
  readonly closeCode?: number | undefined;
  readonly isOpen: boolean;
}

/** All WebSockets of a case, in the order of their requests. */
export interface CaseState {
  readonly peers: readonly PeerState[];
  readonly open: number;
  /** The most that were open at once. */
  readonly peak: number;
}

/** Where the server listens. */
export interface ServerAddress {
  /** `ws://127.0.0.1:<port>` */
  readonly sockets: string;
  /** Where commands go, over HTTP. */
  readonly control: string;
  /** A WebSocket address that nothing listens at. */
  readonly refused: string;
}

/** The query parameter that says which case a WebSocket belongs to. */
export const CASE_PARAMETER = "case";

export type RuntimeName = "deno" | "node" | "bun" | "chromium";

/** What the task that runs the cases tells them. */
export interface Environment {
  /** What they are meant to run on. */
  readonly runtime: RuntimeName;
  /** The version they are meant to run on, whole; of Chromium its first number. */
  readonly version: string;
  readonly server: ServerAddress;
  /** The command that runs a program here; empty where there are no processes. */
  readonly command: readonly string[];
}

/** Names the variable, and the page's query parameter, that carries it. */
export const ENVIRONMENT = "JETSOCKET_CASES";
