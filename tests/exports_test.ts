import { assertEquals } from "@std/assert";

/** Classes. */
const VALUES = [
  "AcquireEvent",
  "ConnectError",
  "ConnectEvent",
  "ConnectFailedEvent",
  "ConnectionLostError",
  "ConnectionPool",
  "ExhaustedEvent",
  "GapEvent",
  "HealthCheckEvent",
  "HeartbeatTimeoutError",
  "InboxOverflowError",
  "InvalidMessageError",
  "JetSocketError",
  "LeakEvent",
  "LeaseReleasedError",
  "LostEvent",
  "PoolCloseEvent",
  "PoolClosedError",
  "PoolExhaustedError",
  "PooledConnection",
  "ReconnectEvent",
  "ReconnectingEvent",
  "ReleaseEvent",
  "RetireEvent",
];

const TYPES = [
  "AcquireOptions",
  "AnyJetSocketError",
  "CloseOptions",
  "CloseReport",
  "Codec",
  "ConnectPhase",
  "ConnectionFailure",
  "ConnectionPoolConfig",
  "ConnectionStats",
  "DialContext",
  "DurationStats",
  "HeartbeatConfig",
  "HeartbeatTiming",
  "HookContext",
  "InboxConfig",
  "KeyStats",
  "Logger",
  "MapOptions",
  "MessageHeartbeat",
  "OpenContext",
  "PoolEventMap",
  "PoolEventType",
  "PoolStats",
  "RawHeartbeat",
  "ReceiveOptions",
  "ReconnectConfig",
  "ReconnectReason",
  "ReleaseOptions",
  "RetireReason",
  "SendData",
  "SendOptions",
  "SocketEvent",
  "SocketEventType",
  "StandardSchemaIssue",
  "StandardSchemaResult",
  "StandardSchemaV1",
  "TargetOptions",
  "WarmOptions",
  "WebSocketConfig",
  "WebSocketLike",
  "WireData",
];

/** The names in the export lists of mod.ts, each with whether it is a type. */
async function listedNames(): Promise<{ name: string; isType: boolean }[]> {
  const text = await Deno.readTextFile(new URL("../mod.ts", import.meta.url));
  const lists = text.matchAll(/^export (type )?\{([^}]*)\} from/gm);
  return [...lists].flatMap(([, type, names = ""]) =>
    names.split(",").map((name) => name.trim()).filter((name) => name !== "")
      .map((name) => ({
        name: name.replace(/^type /, ""),
        isType: type !== undefined || name.startsWith("type "),
      }))
  );
}

Deno.test("3 the public values are these, and no others", async () => {
  assertEquals(Object.keys(await import("../mod.ts")).sort(), VALUES);
});

Deno.test("3 the public types are these, and no others", async () => {
  const listed = await listedNames();
  const names = (isType: boolean) =>
    listed.filter((entry) => entry.isType === isType).map(({ name }) => name)
      .sort();
  assertEquals(names(true), TYPES);
  assertEquals(names(false), VALUES);
});
