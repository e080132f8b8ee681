import type { Warmer } from "../../src/core/alarm.ts";
import type { Payload, Slot } from "../../src/core/slot.ts";
import type { Waiter } from "../../src/core/waiter.ts";

/** What the model hangs on the core's records. */
export interface ModelPayload extends Payload {
  target: string;
  resource: Peer;
  answer: Ticket;
  ticket: undefined;
  warmTicket: WarmTicket;
  failure: string;
}

export type ModelSlot = Slot<ModelPayload>;

/** The naive record of one pending acquire. */
export interface Ticket {
  readonly id: number;
  readonly key: string;
  readonly fresh: boolean;
  readonly at: number;
  /** How often a later one was served although this one's key could dial. */
  overtaken: number;
  state: "waiting" | "granted" | "refused" | "aborted";
  waiter: Waiter<ModelPayload> | undefined;
}

export interface WarmTicket {
  readonly key: string;
  readonly at: number;
  isPending: boolean;
  warmer: Warmer<ModelPayload> | undefined;
}

export interface Lease {
  readonly peer: Peer;
  readonly number: number;
  isLive: boolean;
}

/** In the order of the core's numbers for them. */
export const PLACES = [
  "connecting",
  "idle",
  "leased",
  "probing",
  "resetting",
  "closing",
  "gone",
] as const;

/** The naive record of one connection and its socket. */
export interface Peer {
  readonly slot: ModelSlot;
  readonly key: string;
  readonly dialledAt: number;
  /** Where the pool has it, by the inputs and actions so far. */
  place: typeof PLACES[number];
  socket: "dialling" | "open" | "closed";
  /** Whether the outcome of its dial is known. */
  isAnswered: boolean;
  /** How often the pool asked for its socket to be closed. */
  farewells: number;
  wasLeased: boolean;
  isLingering: boolean;
  closingSince: number;
  hook: "probe" | "reset" | undefined;
}
