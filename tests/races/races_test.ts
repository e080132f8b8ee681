/**
 * Everything that can happen to a connection, in every order: one property for
 * each state in which a connection can be overtaken by events.
 *
 * @module
 */
import { acquire, type Cast } from "./moves.ts";
import { testRace } from "./test_race.ts";

/** A lease, and its holder's name for it. */
async function lease(cast: Cast): Promise<void> {
  acquire(cast, "/a");
  await cast.world.clock.settle();
}

async function rest(cast: Cast): Promise<void> {
  await lease(cast);
  for (const { holder } of cast.callers) holder?.end();
  await cast.world.clock.settle();
}

testRace("connecting", { maxConnections: 2, resolves: true }, (cast) => {
  cast.world.isPeaceful = false;
  acquire(cast, "/a");
});

testRace("connecting, one at most", {
  maxConnections: 1,
  resets: true,
  maxWaiting: 1,
}, (cast) => {
  cast.world.isPeaceful = false;
  acquire(cast, "/a");
  acquire(cast, "/a");
});

testRace("idle", { maxConnections: 2, idleMessages: "retire" }, rest);

testRace("leased", { maxConnections: 1 }, lease);

testRace("probing", { maxConnections: 2, probes: true }, async (cast) => {
  await rest(cast);
  cast.world.isPeaceful = false;
  await cast.world.clock.advance(2_100);
});

testRace("resetting", { maxConnections: 1, resets: true }, async (cast) => {
  await lease(cast);
  cast.world.isPeaceful = false;
  for (const { holder } of cast.callers) holder?.end();
});

testRace("reconnecting", {
  maxConnections: 2,
  reconnects: true,
  resolves: true,
}, async (cast) => {
  await lease(cast);
  cast.world.isPeaceful = false;
  cast.world.hasEnds = true;
  cast.world.sockets[0]?.reset();
});

testRace("closing", { maxConnections: 1, resets: true }, async (cast) => {
  await lease(cast);
  cast.world.isPeaceful = false;
  for (const { holder } of cast.callers) holder?.end("discard");
});

testRace(
  "falling silent",
  { maxConnections: 2, reconnects: true, beats: true },
  async (cast) => {
    await lease(cast);
    cast.world.isPeaceful = false;
    cast.world.hasEnds = true;
    await cast.world.clock.advance(140);
  },
);

testRace(
  "draining",
  { maxConnections: 2, resets: true, reconnects: true },
  async (cast) => {
    await lease(cast);
    acquire(cast, "/b");
    await cast.world.clock.settle();
    cast.world.isPeaceful = false;
    cast.world.isClosed = true;
    void cast.world.pool.close({ drainTimeout: 250 });
  },
);
