import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  ConnectError,
  ConnectionPool,
  type DialContext,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { RawServer } from "../support/raw_server.ts";
import { nextEvent } from "./pool_events.ts";
import { TrackedSockets } from "./tracked_sockets.ts";
import { within } from "./within.ts";

/** The shortest time in which `count + 1` of the times lie. */
function tightest(times: readonly number[], count: number): number {
  const spans = times.slice(count).map((time, index) =>
    time - (times[index] ?? NaN)
  );
  return Math.min(...spans);
}

Deno.test("3.1 connectRate as the server sees it: first dials and reconnects in one window", async () => {
  const rate = { limit: 3, interval: 400 };
  /** When each request came to the server, and when the pool asked for each socket. */
  const seen: number[] = [];
  const asked: number[] = [];
  const tracked = new TrackedSockets();
  {
    await using server = await RawServer.start({
      handler: async (peer) => {
        seen.push(performance.now());
        await peer.accept();
      },
    });
    await using pool = new ConnectionPool({
      baseUrl: server.url(""),
      connectRate: rate,
      maxConnecting: 10,
      websocket: {
        reconnect: { minDelay: 1, maxDelay: 1 },
        factory: (url, init) => {
          asked.push(performance.now());
          return tracked.factory(url, init);
        },
      },
    });
    const startedAt = performance.now();
    const conns = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((number) => pool.acquire(`/${number}`)),
    );
    const { promise: allBack, resolve } = Promise.withResolvers<void>();
    pool.addEventListener("reconnect", () => {
      if (pool.stats().totalReconnects === conns.length) resolve();
    });
    for (const peer of server.peers) peer.reset();
    const error = await assertRejects(
      () => pool.acquire("/late", { timeout: 50 }),
      PoolExhaustedError,
    );
    assertEquals(error.waitingFor, "rate");
    await within(allBack);
    const elapsed = performance.now() - startedAt;

    assertEquals([asked.length, seen.length], [12, 12]);
    // On its way a dial may be held up longer than the one behind it.
    for (const times of [asked, seen]) {
      const gap = tightest(times, rate.limit);
      assert(gap >= rate.interval / 2, `4 dials within ${gap} ms`);
    }
    // Twelve dials are four windows, and no window goes unused.
    assert(
      elapsed >= 3 * rate.interval - 2 && elapsed < 3 * rate.interval + 5_000,
      `12 dials took ${elapsed} ms`,
    );
    assert(conns.every(({ isConnected }) => isConnected));
  }
  await tracked.allEnded();
});

Deno.test("4.10 resolveUrl and headers are asked for every dial: the server gets fresh tokens, nobody else does", async () => {
  await using server = await RawServer.start({
    handler: (peer) =>
      peer.path.includes("url-secret-3") ? peer.reject(401) : peer.accept(),
  });
  const contexts: DialContext[] = [];
  const shown: string[] = [];
  const show = (...values: unknown[]) => {
    for (const value of values) {
      shown.push(
        Deno.inspect(value, { depth: 10 }),
        JSON.stringify(value) ?? "",
      );
      if (value instanceof Error) shown.push(`${value}\n${value.stack}`);
    }
  };
  let urls = 0;
  let headers = 0;
  const log = (message: string) => void shown.push(message);
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    logger: { debug: log, info: log, warn: log, error: log },
    websocket: {
      reconnect: { minDelay: 10, maxDelay: 10 },
      resolveUrl: async (context) => {
        contexts.push(context);
        const url = new URL(context.url);
        url.searchParams.set("token", `url-secret-${++urls}`);
        await Promise.resolve();
        return url;
      },
      headers: () =>
        Promise.resolve({ Authorization: `Bearer header-secret-${++headers}` }),
    },
  });
  for (
    const type of [
      "connect",
      "connectfailed",
      "acquire",
      "reconnecting",
      "reconnect",
    ] as const
  ) pool.addEventListener(type, (event) => show(event));
  pool.addEventListener("connectfailed", ({ error }) => show(error));

  await using conn = await pool.acquire("/stream?user=1");
  // The second succeeds, the third is refused, the fourth succeeds.
  for (const peer of [0, 1]) {
    const back = nextEvent(pool, "reconnect");
    (await server.peer(peer)).reset();
    await back;
  }
  show(pool, conn, pool.stats(), conn.stats(), [...pool.stats().byKey]);
  assertStringIncludes(conn.url, "/stream?user=");

  assertEquals(
    server.peers.map(({ path, request }) => [
      path,
      request.headers.get("authorization"),
    ]),
    [1, 2, 3, 4].map((dial) => [
      `/stream?user=1&token=url-secret-${dial}`,
      `Bearer header-secret-${dial}`,
    ]),
  );
  assertEquals([urls, headers], [4, 4]);
  // Each dial starts from the address itself, not from what was made of it.
  const asked = new Set(contexts.map(({ url }) => url));
  assertEquals([...asked], [server.url("/stream?user=1")]);
  assertEquals(contexts.map(({ attempt }) => attempt), [1, 1, 1, 2]);
  assert(shown.length > 20, `only ${shown.length} things shown`);
  const leaks = shown.filter((text) => /(url|header)-secret/.test(text));
  assertEquals(leaks, []);
});

Deno.test("4.10 a token in a refused address is not in the error of the acquire", async () => {
  await using server = await RawServer.start({
    handler: (peer) => peer.reject(401),
  });
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: {
      resolveUrl: ({ url }) => `${url}?token=url-secret`,
      headers: () => ({ Authorization: "Bearer header-secret" }),
    },
  });
  const error = await assertRejects(() => pool.acquire("/ws"), ConnectError);
  assertEquals(
    [error.phase, server.peers[0]?.path],
    ["dial", "/ws?token=url-secret"],
  );
  const shown = [
    `${error}`,
    error.stack ?? "",
    Deno.inspect(error, { depth: 10 }),
    JSON.stringify(error),
    JSON.stringify(pool.stats()),
  ];
  assertEquals(shown.filter((text) => text.includes("secret")), []);
});
