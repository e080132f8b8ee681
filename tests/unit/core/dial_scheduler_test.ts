import { Script, type Step } from "./script.ts";

Deno.test("maxConnecting bounds the handshakes; the oldest waiter's key goes first", () => {
  new Script({ maxConnecting: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire b"],
    ["acquire c"],
    ["opened 1", "grant 1 to 1", "dial 2 b"],
    ["failed 2", "refuse 2 failed 1", "dial 3 c"],
  );
});

Deno.test("I1 maxConnectionsPerKey bounds a key, and blocks nobody else", () => {
  new Script({ maxConnectionsPerKey: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a"],
    ["acquire b", "dial 2 b"],
    ["opened 1", "grant 1 to 1"],
    ["release 1 discard", "retire 1 discarded"],
    ["closed 1", "dial 3 a"],
  );
});

Deno.test("4.3 while others want to dial, one key holds half of the handshakes", () => {
  new Script({ maxConnections: 9, maxConnecting: 4 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire a", "dial 3 a"],
    ["acquire a", "dial 4 a"],
    ["acquire a"],
    ["acquire b"],
    ["acquire b"],
    ["opened 1", "grant 1 to 1", "dial 5 b"],
    ["opened 2", "grant 2 to 2", "dial 6 b"],
    // Nobody else wants any more.
    ["opened 3", "grant 3 to 3", "dial 7 a"],
  );
});

Deno.test("4.3 a key held back for others goes on once they have their dials, evicting too", () => {
  new Script({ maxConnections: 3, maxConnecting: 3 }).play(
    ["warm c 1", "dial 1 c"],
    ["opened 1", "rests", "warmed 1 1"],
    ["acquire a", "dial 2 a"],
    ["acquire d", "dial 3 d"],
    ["acquire b", "retire 1 evicted"],
    ["acquire a"],
    ["closed 1", "dial 4 b"],
    ["opened 3", "grant 3 to 2"],
    ["release 3", "retire 3 evicted"],
  );
});

Deno.test("4.3 a key held back for others goes on once they have their dials, aborting too", () => {
  new Script({ maxConnections: 3, maxConnecting: 3 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire d", "dial 3 d"],
    ["acquire d"],
    ["acquire b"],
    ["failed 1 fatal unclosed", "refuse 1 failed 1", "refuse 2 failed 1"],
    ["closed 1", "dial 4 b", "abort 2 unwanted"],
    ["failed 2", "dial 5 d"],
  );
});

Deno.test("4.2 a failing key has one trial at a time, after its backoff (F2, F80)", () => {
  new Script().play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire a within=5000"],
    ["acquire a within=5000"],
    ["at 99"],
    ["at 100", "dial 2 a"],
    ["acquire a"],
    ["failed 2", "refuse 2 failed 2", "refuse 3 failed 2", "refuse 4 failed 2"],
    ["acquire a within=5000"],
    ["at 299"],
    ["at 300", "dial 3 a"],
    ["acquire a"],
    ["opened 3", "grant 3 to 5", "dial 4 a"],
  );
});

Deno.test("4.11 a dial nobody waits for is aborted when another key needs its slot, or its handshake", () => {
  const cases: [limits: object, then: Step][] = [
    [{ maxConnections: 1 }, ["closed 1", "dial 2 b"]],
    [{ maxConnecting: 1 }, ["closed 1"]],
  ];
  for (const [limits, [close, ...actions]] of cases) {
    const script = new Script(limits);
    script.play(["acquire a", "dial 1 a"], ["abort 1"]);
    if (actions.length > 0) {
      script.play(["acquire b", "abort 1 unwanted"], [close, ...actions]);
    } else {
      // The handshake alone was short: the dial starts at once.
      script.play(["acquire b", "abort 1 unwanted", "dial 2 b"], [close]);
    }
  }
});

Deno.test("4.11 nothing is evicted for a dial that could not start", () => {
  new Script({ maxConnections: 2, maxConnecting: 1 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["acquire b", "dial 2 b"],
    ["acquire c"],
    ["opened 2", "grant 2 to 1", "retire 1 evicted"],
    ["acquire d"],
    ["closed 1", "dial 3 c"],
  );
});

Deno.test("4.11 room on its way is not made twice", () => {
  new Script({ maxConnections: 2 }).play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["opened 1", "rests"],
    ["opened 2", "rests", "warmed 1 2"],
    ["acquire b", "retire 1 evicted"],
    ["clear", "retire 2 cleared"],
    ["acquire b"],
    ["closed 1", "dial 3 b"],
    ["closed 2", "dial 4 b"],
  );
});

Deno.test("4.11 a key that gave way for another gets no more room than it wants", () => {
  new Script({ maxConnections: 3, maxConnecting: 4 }).play(
    ["acquire c", "dial 1 c"],
    ["acquire a", "dial 2 a"],
    ["acquire a", "dial 3 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["opened 3", "grant 3 to 3"],
    ["release 2", "restored"],
    ["release 1", "restored"],
    ["release 3", "restored"],
    ["acquire c fresh", "retire 2 evicted"],
    ["acquire a fresh", "retire 1 evicted"],
    ["closed 2", "dial 4 c"],
    ["closed 1", "dial 5 a"],
  );
});

Deno.test("room set aside in one run binds nobody in the next", () => {
  new Script({ maxConnections: 2, maxConnecting: 2 }).play(
    ["warm a 2", "dial 1 a", "dial 2 a"],
    ["opened 1", "rests"],
    ["opened 2", "rests", "warmed 1 2"],
    ["acquire b", "retire 1 evicted"],
    ["acquire b", "retire 2 evicted"],
    ["acquire b"],
    ["closed 1", "dial 3 b"],
    ["closed 2", "dial 4 b"],
  );
});

Deno.test("4.11 fresh at the pool's limit may retire the oldest idle one of its own key", () => {
  new Script({ maxConnections: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1", "restored"],
    ["acquire a fresh", "retire 1 evicted"],
    ["closed 1", "dial 2 a"],
    ["opened 2", "grant 2 to 2"],
  );
});

Deno.test("4.11 fresh at its key's limit retires the key's oldest idle one", () => {
  new Script({ maxConnectionsPerKey: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["acquire a fresh"],
    // The next one to rest gives way.
    ["release 2", "retire 2 evicted"],
    ["release 1"],
    ["acquire a", "took 1"],
    ["closed 2", "dial 3 a"],
    ["opened 3", "grant 3 to 3"],
  );
});

Deno.test("4.11 fresh at its key's limit goes on as soon as there is a handshake", () => {
  new Script({ maxConnectionsPerKey: 1, maxConnecting: 1 }).play(
    ["acquire a", "dial 1 a"],
    ["opened 1", "grant 1 to 1"],
    ["release 1", "restored"],
    ["acquire b", "dial 2 b"],
    ["acquire a fresh"],
    ["opened 2", "grant 2 to 2", "retire 1 evicted"],
    ["closed 1", "dial 3 a"],
  );
});

Deno.test("4.11 fresh at its key's limit goes on at the end of the key's backoff, one trial at a time", () => {
  new Script({ maxConnectionsPerKey: 3 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["acquire a", "dial 3 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["failed 3", "refuse 3 failed 1"],
    ["acquire a fresh"],
    ["acquire a fresh"],
    ["release 1"],
    ["release 2"],
    ["at 100", "dial 4 a"],
    ["opened 4", "grant 4 to 4", "retire 1 evicted"],
    ["closed 1", "dial 5 a"],
  );
});

Deno.test("4.11 fresh at its key's limit makes room for one trial of a failing key", () => {
  new Script({ maxConnectionsPerKey: 3 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire a", "dial 2 a"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["acquire a", "dial 3 a"],
    ["failed 3 unclosed", "refuse 3 failed 1"],
    ["acquire a fresh"],
    ["acquire a fresh"],
    ["release 1"],
    ["release 2"],
    // The socket of the failed dial leaves room enough.
    ["at 100"],
    ["closed 3", "dial 4 a"],
  );
});

Deno.test("4.2 fresh at the pool's limit retires another key's before its own", () => {
  new Script({ maxConnections: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["acquire b", "dial 2 b"],
    ["opened 1", "grant 1 to 1"],
    ["opened 2", "grant 2 to 2"],
    ["release 1", "restored"],
    ["release 2", "restored"],
    ["acquire a fresh", "retire 2 evicted"],
  );
});

Deno.test("4.2 room is made for one trial of a failing key", () => {
  new Script({ maxConnections: 2 }).play(
    ["acquire b", "dial 1 b"],
    ["failed 1", "refuse 1 failed 1"],
    ["warm a 2", "dial 2 a", "dial 3 a"],
    ["opened 2", "rests"],
    ["opened 3", "rests", "warmed 1 2"],
    ["acquire b"],
    ["acquire b"],
    ["at 100", "retire 2 evicted"],
    ["closed 2", "dial 4 b"],
    ["opened 4", "grant 4 to 2", "retire 3 evicted"],
  );
});

Deno.test("4.11 a dial aborted for its handshake leaves its slot too", () => {
  new Script({ maxConnections: 2, maxConnecting: 1 }).play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
    ["acquire c", "dial 2 c"],
    ["abort 1"],
    ["acquire b", "abort 2 unwanted"],
    ["failed 2", "dial 3 b"],
    ["acquire a", "took 1"],
  );
});

Deno.test("4.11 a failing key's trial that nobody waits for is aborted for another failing key's", () => {
  new Script({ maxConnecting: 2 }).play(
    ["acquire a", "dial 1 a"],
    ["failed 1", "refuse 1 failed 1"],
    ["acquire b", "dial 2 b"],
    ["failed 2", "refuse 2 failed 1"],
    ["acquire a"],
    ["acquire b"],
    ["at 100", "dial 3 a"],
    ["abort 3", "abort 3 unwanted", "dial 4 b"],
  );
});
