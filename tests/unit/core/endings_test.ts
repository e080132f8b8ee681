import { assertEquals } from "@std/assert";
import { Script, type Step } from "./script.ts";

Deno.test("F17 a connection lost while idle, probing or resetting is retired in the same task", () => {
  const script = new Script({ healthCheckInterval: 100 });
  script.play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire a", "dial 3 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["opened 3", "grant 3 to 3"],
    ["release 2", "restored"],
    ["at 100", "probe 2", "tick"],
    ["release 1", "restored"],
    ["release 3 reset", "reset 3"],
    ["lost 1", "retire 1 lost"],
    ["lost 2", "abort-hook 2", "retire 2 lost"],
    ["lost 3", "abort-hook 3", "retire 3 lost"],
    ["probe 2 ok"],
    ["reset 3 ok"],
  );
  assertEquals(script.state.ledger.counters.retired.lost, 3);
});

Deno.test("4.4 what can serve nobody any more is retired, whoever has it; a lease keeps its number", () => {
  const script = new Script();
  script.play(
    ["acquire a", "dial 1 a"],
    ["spoiled 1"],
    ["opened 1", "grant 1 to 1"],
    ["spoiled 1", "retire 1 discarded"],
    ["spoiled 1"],
    ["release 1"],
    ["closed 1"],
    ["spoiled 1"],
  );
  assertEquals(script.state.ledger.counters.released, 1);
});

Deno.test("F29 a socket that does not close is abandoned at closeTimeout, and counted until it ends", () => {
  const script = new Script({ maxConnections: 1, closeTimeout: 30 });
  script.play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 discard", "retire 1 discarded"],
    ["at 29"],
    ["at 30", "abandon 1"],
  );
  assertEquals(script.state.ledger.lingering, 1);
  script.play(
    ["acquire a", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["acquire a"],
    ["release 2 discard", "retire 2 discarded"],
    // As many linger as may: this one keeps its slot.
    ["at 60"],
    ["lingerEnded", "abandon 2", "dial 3 a"],
  );
  assertEquals(script.state.ledger.lingering, 1);
  script.play(["lingerEnded"]);
  assertEquals(script.state.ledger.lingering, 0);
});

Deno.test("F29 a socket that closes late after all frees the slot it kept", () => {
  new Script({ maxConnections: 1, closeTimeout: 30 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 discard", "retire 1 discarded"],
    ["at 30", "abandon 1"],
    ["acquire a", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
    ["acquire a"],
    ["release 2 discard", "retire 2 discarded"],
    ["at 60"],
    ["closed 2", "dial 3 a"],
    ["lingerEnded"],
  );
});

Deno.test("4.7 a connection that has gone leaves nothing due, however it went", () => {
  const limits = { maxLifetime: 1_000, leakThreshold: 40, closeTimeout: 30 };
  const ways: Step[][] = [
    [["lost 1", "lost 1"]],
    [["release 1 discard", "retire 1 discarded"], ["closed 1"]],
    [["spoiled 1", "retire 1 discarded"], ["at 30", "abandon 1"]],
    [["release 1 reset", "reset 1"], [
      "lost 1",
      "abort-hook 1",
      "retire 1 lost",
    ]],
  ];
  for (const way of ways) {
    const script = new Script(limits);
    script.play(["acquire a", "dial 1 a"], ["opened 1", "grant 1 to 1"]);
    assertEquals(script.state.ledger.deadlines.size, 2);
    script.play(...way);
    assertEquals(script.state.ledger.deadlines.size, 0, way[0]?.[0]);
  }
});
