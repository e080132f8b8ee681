import type { RuntimeName } from "./control.ts";
import { environment } from "./environment.ts";

/**
 * Where the runtimes differ, as far as users of the library see it: cases ask
 * this table, and no case asks for a runtime's name.
 */
export interface Capabilities {
  /** Sockets can send ping frames. */
  readonly framePings: boolean;
  /** Sockets can be ended without the peer. */
  readonly terminate: boolean;
  /** A handshake can carry headers. */
  readonly headers: boolean;
  /** The runtime itself refuses a subprotocol that was not asked for. */
  readonly checksProtocol: boolean;
  /** The runtime itself refuses close codes that no peer may send. */
  readonly checksCloseCodes: boolean;
  /** A socket has ended once the close frames are exchanged, FIN or not. */
  readonly endsWithoutFin: boolean;
  /** Microtasks run between two messages that came together. */
  readonly spreadsBursts: boolean;
  /** Timers can be told not to hold the process. */
  readonly unrefTimers: boolean;
  /** There are processes, and files. */
  readonly processes: boolean;
  /** There is the web's `Worker`. */
  readonly webWorkers: boolean;
}

const server = {
  framePings: false,
  terminate: false,
  headers: true,
  checksProtocol: true,
  checksCloseCodes: true,
  endsWithoutFin: true,
  spreadsBursts: true,
  unrefTimers: true,
  processes: true,
  webWorkers: true,
} satisfies Capabilities;

const table: Readonly<Record<RuntimeName, Capabilities>> = {
  deno: { ...server, checksProtocol: false },
  node: {
    ...server,
    endsWithoutFin: false,
    spreadsBursts: false,
    webWorkers: false,
  },
  bun: { ...server, framePings: true, terminate: true },
  chromium: {
    ...server,
    headers: false,
    checksCloseCodes: false,
    endsWithoutFin: false,
    unrefTimers: false,
    processes: false,
  },
};

export const capabilities: Capabilities = table[environment.runtime];
