import { assertEquals, assertInstanceOf } from "@std/assert";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("3.2 a second reader's signal and timeout end no wait but its own", async () => {
  for (const way of ["receive", "forEach"] as const) {
    for (const bound of ["signal", "timeout"] as const) {
      await using virtual = createVirtualPool();
      const { pool, clock, network } = virtual;
      await using conn = await pool.acquire("/a");
      const first = observe(conn.receive());
      const abort = new AbortController();
      const options = bound === "signal"
        ? { signal: abort.signal }
        : { timeout: 5 };
      // `forEach` takes a signal alone.
      const second = observe<unknown>(
        way === "receive"
          ? conn.receive(options)
          : conn.forEach(() => {}, { signal: abort.signal }),
      );
      // Within the turn of the call.
      abort.abort(new Error("the second reader has left"));
      clock.rush(10);
      await clock.settle();
      assertInstanceOf(second.reason, TypeError);
      assertEquals(first.state, "pending", `${way} ${bound}`);
      network.last.message("1");
      await clock.settle();
      assertEquals(first.value, 1);
    }
  }
});

Deno.test("3.2 a second reader in a hook ends no wait but its own", async () => {
  const abort = new AbortController();
  const states: unknown[] = [];
  await using virtual = createVirtualPool({
    websocket: {
      onOpen: async (conn) => {
        const first = conn.receive();
        const second = observe(conn.receive({ signal: abort.signal }));
        abort.abort(new Error("the second reader has left"));
        states.push(await first, second.reason instanceof TypeError);
      },
    },
  });
  const { pool, clock, network } = virtual;
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  network.last.message("1");
  await clock.settle();
  assertEquals([acquired.state, states], ["fulfilled", [1, true]]);
});
