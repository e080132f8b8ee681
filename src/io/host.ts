import type { ConnectionPoolConfig, WebSocketLike } from "../options.ts";
import type { ResolvedWebSocket } from "../websocket_config.ts";
import type { Agenda } from "./agenda.ts";
import type { Translation } from "./codec.ts";
import type { Connection } from "./connection.ts";
import type { DialRequest } from "./dial_request.ts";
import type { GapReason } from "./inbox.ts";
import type { Speech } from "./speech.ts";
import type { Traffic } from "./traffic.ts";

/** What has to be looked at again for room to send. */
export interface Flushable {
  flush(): void;
}

/** What a connection needs of the pool, and whom it tells what happens. */
export interface ConnectionHost<Incoming, Outgoing> {
  readonly agenda: Agenda;
  readonly websocket: ResolvedWebSocket<Incoming, Outgoing>;
  readonly translation: Translation<Incoming, Outgoing>;
  /** The application's own pings and pongs, where there is a heartbeat. */
  readonly speech: Speech<Incoming, Outgoing> | undefined;
  readonly baseUrl: URL | undefined;
  readonly healthCheck: ConnectionPoolConfig<Incoming, Outgoing>["healthCheck"];
  readonly reset: ConnectionPoolConfig<Incoming, Outgoing>["reset"];
  /** Totals over all connections. */
  readonly traffic: Traffic;
  /** The time of the last maintenance tick. */
  readonly tickedAt: number;
  /** The socket of its dial is about to be asked for. */
  dialBegun(connection: Connection<Incoming, Outgoing>): void;
  /** @throws {unknown} What the constructor or the factory throws */
  openSocket(request: DialRequest): WebSocketLike;
  /** Where leases end. */
  readonly releases: {
    release(
      connection: Connection<Incoming, Outgoing>,
      lease: number,
      isDiscarded: boolean,
    ): Promise<void>;
  };
  flushSoon(flushable: Flushable): void;
  /** It showed life that is no message for anybody. */
  spoke(connection: Connection<Incoming, Outgoing>): void;
  heardWhileIdle(connection: Connection<Incoming, Outgoing>): void;
  socketClosed(connection: Connection<Incoming, Outgoing>): void;
  /** There is a heartbeat, and no way to ask the peer anything. */
  cannotPing(): void;
  /** Its peer has fallen silent. */
  fellSilent(connection: Connection<Incoming, Outgoing>): void;
  /** It can serve nobody any more, though its socket is open. */
  spoiled(connection: Connection<Incoming, Outgoing>): void;
  gap(
    connection: Connection<Incoming, Outgoing>,
    count: number,
    reason: GapReason,
  ): void;
}
