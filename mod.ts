/**
 * A connection pool for WebSockets.
 *
 * {@linkcode ConnectionPool} keeps connections, hands them out as
 * {@linkcode PooledConnection} leases, and stays within its limits whatever the
 * network does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ConnectionPool } from "@jetsocket/pool";
 *
 * await using pool = new ConnectionPool({ maxConnections: 10 });
 * assertEquals(pool.stats().activeConnections, 0);
 * ```
 *
 * @module
 */
export { ConnectionPool } from "./src/pool.ts";
export { PooledConnection } from "./src/lease.ts";
export {
  type AnyJetSocketError,
  ConnectError,
  ConnectionLostError,
  type ConnectPhase,
  HeartbeatTimeoutError,
  InboxOverflowError,
  InvalidMessageError,
  JetSocketError,
  LeaseReleasedError,
  PoolClosedError,
  PoolExhaustedError,
} from "./src/errors.ts";
export {
  AcquireEvent,
  ConnectEvent,
  ConnectFailedEvent,
  ExhaustedEvent,
  GapEvent,
  HealthCheckEvent,
  LeakEvent,
  LostEvent,
  PoolCloseEvent,
  type PoolEventMap,
  type PoolEventType,
  ReconnectEvent,
  ReconnectingEvent,
  ReleaseEvent,
  RetireEvent,
} from "./src/events.ts";
export type {
  CloseReport,
  ConnectionStats,
  DurationStats,
  KeyStats,
  PoolStats,
  ReconnectReason,
  RetireReason,
} from "./src/stats.ts";
export type {
  AcquireOptions,
  CloseOptions,
  Codec,
  ConnectionFailure,
  ConnectionPoolConfig,
  DialContext,
  HeartbeatConfig,
  HeartbeatTiming,
  HookContext,
  InboxConfig,
  Logger,
  MapOptions,
  MessageHeartbeat,
  OpenContext,
  RawHeartbeat,
  ReceiveOptions,
  ReconnectConfig,
  ReleaseOptions,
  SendData,
  SendOptions,
  SocketEvent,
  SocketEventType,
  StandardSchemaIssue,
  StandardSchemaResult,
  StandardSchemaV1,
  TargetOptions,
  WarmOptions,
  WebSocketConfig,
  WebSocketLike,
  WireData,
} from "./src/options.ts";
