import type { Intrusion } from "./life.ts";

/** Every call of the pool and of its leases, from the inside of another. */
export const INTRUSIONS: Readonly<Record<string, Intrusion>> = {
  "acquires the same key": (life) =>
    life.watch("inner acquire", life.pool.acquire("/a", { timeout: 100 })),
  "acquires another key and gives it back": (life) =>
    life.watch(
      "inner use",
      life.pool.use("/x", (conn) => conn.id, { timeout: 100 }),
    ),
  "acquires without waiting": (life) =>
    life.watch("inner acquire", life.pool.acquire("/x", { timeout: 0 })),
  "acquires a fresh one": (life) =>
    life.watch(
      "inner acquire",
      life.pool.acquire("/a", { fresh: true, timeout: 100 }),
    ),
  "takes what is idle": (life) => life.pool.tryAcquire("/a")?.release(),
  "warms": (life) =>
    life.watch("inner warm", life.pool.warm("/a", { count: 2, timeout: 100 })),
  "clears": (life) => life.pool.clear(),
  "clears and acquires": (life) => {
    life.pool.clear();
    life.watch("inner acquire", life.pool.acquire("/b", { timeout: 100 }));
  },
  "closes": (life) => life.watch("inner close", life.pool.close()),
  "closes, with time to drain": (life) =>
    life.watch("inner close", life.pool.close({ drainTimeout: 300 })),
  "releases every lease": (life) => {
    for (const lease of life.leases) {
      life.watch("inner release", lease.release());
    }
  },
  "discards every lease, two times": (life) => {
    for (const lease of life.leases) {
      life.watch("inner discard", lease.discard());
      life.watch("inner release", lease.release());
    }
  },
  "sends on every lease": (life) => {
    for (const lease of life.leases) {
      life.watch("inner send", lease.send("x", { timeout: 100 }));
      try {
        lease.trySend("x");
      } catch {
        // The lease may be over, or the codec be the intruder.
      }
    }
  },
  "reads from every lease": (life) => {
    for (const lease of life.leases) {
      life.watch("inner receive", lease.receive({ timeout: 100 }));
    }
  },
  "leaves a lease's loop": (life) => {
    for (const lease of life.leases) {
      const loop = async () => {
        for await (const _ of lease) break;
      };
      const abort = AbortSignal.abort("left");
      life.watch("inner each", lease.forEach(() => {}, { signal: abort }));
      void loop().catch(() => {});
    }
  },
  "maps": (life) => {
    const results = async () => {
      const items = life.pool.map(["/a", "/b", "/x"], String, () => 1);
      for await (const _ of items) break;
    };
    void results().catch(() => {});
  },
  "takes snapshots": (life) => [
    life.pool.stats(),
    ...life.leases.map((lease) => [lease.stats(), lease.signal.aborted]),
  ],
  "adds and removes listeners": (life) => {
    const listener = () => {};
    for (const type of ["connect", "acquire", "retire", "gap"] as const) {
      life.pool.addEventListener(type, listener, { once: true });
      life.pool.addEventListener(type, () => life.pool.stats());
      life.pool.removeEventListener(type, listener);
    }
  },
  "ends the sockets": (life) => {
    for (const socket of life.virtual.network.sockets) {
      if (socket.readyState === 1) socket.reset();
    }
  },
  "closes the sockets behind the pool's back": (life) => {
    for (const socket of life.virtual.network.sockets) socket.close();
  },
};
