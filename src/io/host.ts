import type { ConnectionPoolConfig, WebSocketLike } from "../options.ts";
import type { ResolvedWebSocket } from "../websocket_config.ts";
import type { Agenda } from "./agenda.ts";
import type { Translation } from "./codec.ts";
import type { Connection } from "./connection.ts";
import type { GapReason } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";
import type { Target } from "./target.ts";
import type { Traffic } from "./traffic.ts";

/** What a connection needs of the pool, and whom it tells what happens. */
export interface ConnectionHost<Incoming, Outgoing> {
  readonly agenda: Agenda;
  readonly websocket: ResolvedWebSocket<Incoming, Outgoing>;
  readonly translation: Translation<Incoming, Outgoing>;
  readonly healthCheck: ConnectionPoolConfig<Incoming, Outgoing>["healthCheck"];
  readonly reset: ConnectionPoolConfig<Incoming, Outgoing>["reset"];
  /** Totals over all connections. */
  readonly traffic: Traffic;
  /** The time of the last maintenance tick. */
  readonly tickedAt: number;
  /** @throws {unknown} What the constructor or the factory throws */
  openSocket(target: Target): WebSocketLike;
  release(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
    isDiscarded: boolean,
  ): Promise<void>;
  flushSoon(outbox: Outbox): void;
  heardWhileIdle(connection: Connection<Incoming, Outgoing>): void;
  socketClosed(connection: Connection<Incoming, Outgoing>): void;
  /** It can serve nobody any more, though its socket is open. */
  spoiled(connection: Connection<Incoming, Outgoing>): void;
  gap(
    connection: Connection<Incoming, Outgoing>,
    count: number,
    reason: GapReason,
  ): void;
}
