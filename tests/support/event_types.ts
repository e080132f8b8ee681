import type { PoolEventType } from "@jetsocket/pool";

/** Each type of event once: one that is missing here does not compile. */
const ALL: Record<PoolEventType, true> = {
  connect: true,
  connectfailed: true,
  acquire: true,
  release: true,
  exhausted: true,
  lost: true,
  reconnecting: true,
  reconnect: true,
  retire: true,
  healthcheck: true,
  gap: true,
  leak: true,
  close: true,
};

function isType(name: string): name is PoolEventType {
  return name in ALL;
}

/** All types of the pool's events. */
export const EVENT_TYPES: readonly PoolEventType[] = Object.keys(ALL)
  .filter(isType);
