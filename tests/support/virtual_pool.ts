import { assert, assertEquals } from "@std/assert";
import { ConnectionPool, type ConnectionPoolConfig } from "../../mod.ts";
import { ENVIRONMENT, type Environment } from "../../src/io/clock.ts";
import { FakeNetwork } from "./fake_network.ts";
import type { RuntimeName } from "./runtime_profile.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** What the pool takes from the runtime, and a test may choose. */
export interface VirtualPoolOptions {
  /** Whose sockets they are; Deno's. */
  readonly runtime?: RuntimeName;
  /** Random numbers in [0, 1); always 0.5. */
  readonly random?: () => number;
}

/** A whole pool on virtual time, whose servers are the test. */
export interface VirtualPool<Incoming, Outgoing> extends AsyncDisposable {
  readonly pool: ConnectionPool<Incoming, Outgoing>;
  readonly clock: VirtualClock;
  readonly network: FakeNetwork;
}

/** More virtual time than any test's `closeTimeout`, in ms. */
const LONGEST_CLOSE = 100_000;

/**
 * Makes a pool of `wss://h.example` on virtual time, with scripted sockets.
 * Its disposal closes it, and asserts what 4.8 promises of every pool: the
 * close resolves, and no timer and no listener is left.
 */
export function createVirtualPool<Incoming = unknown, Outgoing = unknown>(
  config: ConnectionPoolConfig<Incoming, Outgoing> = {},
  { runtime = "deno", random = () => 0.5 }: VirtualPoolOptions = {},
): VirtualPool<Incoming, Outgoing> {
  const clock = new VirtualClock();
  const network = new FakeNetwork({ runtime, now: () => clock.time });
  const environment: Environment = { clock, random };
  const whole = {
    baseUrl: "wss://h.example",
    ...config,
    websocket: { factory: network.factory, ...config.websocket },
    [ENVIRONMENT]: environment,
  };
  const pool = new ConnectionPool<Incoming, Outgoing>(whole);
  return {
    pool,
    clock,
    network,
    async [Symbol.asyncDispose]() {
      const closing = observe(pool.close());
      const end = clock.time + LONGEST_CLOSE;
      await clock.settle();
      while (closing.state === "pending" && clock.time < end) {
        await clock.advance(LONGEST_CLOSE / 100);
      }
      assertEquals(closing.state, "fulfilled", "the close never resolved");
      assertEquals(clock.pending, 0, "a timer is left after the close");
      for (const socket of network.sockets) {
        assertEquals(socket.listenerCount(), 0, "a listener is left");
      }
    },
  };
}

/** What became of a promise so far. */
export interface Observed<T> {
  readonly state: "pending" | "fulfilled" | "rejected";
  /** The result; throws while there is none. */
  readonly value: T;
  /** What it was rejected with; throws while it was not. */
  readonly reason: unknown;
}

/** Watches a promise without waiting for it; a rejection is taken note of. */
export function observe<T>(promise: Promise<T>): Observed<T> {
  let outcome: PromiseSettledResult<T> | undefined;
  promise.then(
    (value) => outcome = { status: "fulfilled", value },
    (reason) => outcome = { status: "rejected", reason },
  );
  return {
    get state() {
      return outcome?.status ?? "pending";
    },
    get value() {
      assert(outcome?.status === "fulfilled", "not fulfilled");
      return outcome.value;
    },
    get reason() {
      assert(outcome?.status === "rejected", "not rejected");
      return outcome.reason;
    },
  };
}
