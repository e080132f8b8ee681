import { assert, assertEquals } from "@std/assert";
import {
  Heartbeat,
  type HeartbeatPolicy,
  type Vitals,
} from "../../../src/core/heartbeat.ts";

const POLICY: HeartbeatPolicy = {
  interval: 1_000,
  timeout: 400,
  maxSilence: Infinity,
};

const QUIET: Vitals = { heard: 0, unsent: 0, handed: 0 };

/** Runs the checks as they fall due. @returns What came out, with the times */
function run(
  heartbeat: Heartbeat,
  until: number,
  vitalsAt: (now: number) => Vitals,
): [number, string][] {
  const verdicts: [number, string][] = [];
  while (heartbeat.nextAt <= until) {
    const now = heartbeat.nextAt;
    const { kind } = heartbeat.check(now, vitalsAt(now));
    if (kind !== "well") verdicts.push([now, kind]);
    if (kind === "lost") break;
  }
  return verdicts;
}

Deno.test("4.6 a ping every interval; without life the peer is lost timeout after the ping", () => {
  const heartbeat = new Heartbeat(POLICY, true, 0, 0);
  assertEquals(heartbeat.nextAt, 1_000);
  assertEquals(run(heartbeat, 10_000, () => QUIET), [
    [1_000, "ping"],
    [1_400, "lost"],
  ]);
});

Deno.test("4.6 silence is measured from the last sign of life that was seen", () => {
  const heartbeat = new Heartbeat(POLICY, true, 0, 0);
  heartbeat.check(1_000, QUIET);
  heartbeat.check(1_400, { ...QUIET, heard: 1 });
  heartbeat.check(2_000, { ...QUIET, heard: 1 });
  assertEquals(heartbeat.check(2_400, { ...QUIET, heard: 1 }), {
    kind: "lost",
    silence: 1_000,
  });
});

Deno.test("4.6 any life between ping and timeout will do, at any moment", () => {
  for (let life = 1_001; life <= 1_400; life += 57) {
    const heartbeat = new Heartbeat(POLICY, true, 0, 0);
    const verdicts = run(
      heartbeat,
      2_300,
      (now) => ({ ...QUIET, heard: now >= life ? 1 : 0 }),
    );
    assertEquals(verdicts, [[1_000, "ping"], [2_000, "ping"]]);
  }
});

Deno.test("4.6 life before the ping is no answer to it", () => {
  const heartbeat = new Heartbeat(POLICY, true, 0, 0);
  const verdicts = run(
    heartbeat,
    10_000,
    (now) => ({ ...QUIET, heard: now >= 999 ? 1 : 0 }),
  );
  assertEquals(verdicts, [[1_000, "ping"], [1_400, "lost"]]);
});

Deno.test("4.6 one ping is outstanding at most, and the rhythm does not drift", () => {
  const heartbeat = new Heartbeat({ ...POLICY, timeout: 999 }, true, 0, 0);
  let heard = 0;
  const verdicts = run(
    heartbeat,
    50_000,
    () => ({ ...QUIET, heard: heard++ }),
  );
  assertEquals(
    verdicts,
    Array.from({ length: 50 }, (_, index) => [(index + 1) * 1_000, "ping"]),
  );
});

Deno.test("4.6 rest: nothing is asked of an idle connection, what was asked is forgiven", () => {
  const heartbeat = new Heartbeat(POLICY, true, 0, 0);
  heartbeat.check(1_000, QUIET);
  heartbeat.rest(1_400, QUIET);
  assertEquals(heartbeat.nextAt, 2_400);
  assertEquals(heartbeat.check(2_400, QUIET).kind, "ping");
});

Deno.test("4.6 without a ping, bytes that do not leave within timeout are silence", () => {
  const heartbeat = new Heartbeat(POLICY, false, 0, 0);
  const stuck = { ...QUIET, unsent: 10, handed: 10 };
  assertEquals(run(heartbeat, 10_000, () => stuck), [[1_400, "lost"]]);
});

Deno.test("4.6 without a ping, nothing unsent is no silence", () => {
  const heartbeat = new Heartbeat(POLICY, false, 0, 0);
  assertEquals(run(heartbeat, 60_000, () => QUIET), []);
});

Deno.test("4.6 without a ping, one byte that leaves is progress, also while more are added", () => {
  const heartbeat = new Heartbeat(POLICY, false, 0, 0);
  // 100 in, 40 out, per interval and a half.
  const vitalsAt = (now: number) => {
    const handed = Math.floor(now / 100) * 10;
    return { heard: 0, handed, unsent: handed - Math.floor(now / 100) * 4 };
  };
  assertEquals(run(heartbeat, 60_000, vitalsAt), []);
  const frozen = vitalsAt(60_000);
  const verdicts = run(
    heartbeat,
    70_000,
    (now) => ({
      heard: 0,
      handed: frozen.handed + now,
      unsent: frozen.unsent + now,
    }),
  );
  assertEquals(verdicts.at(-1)?.[1], "lost");
});

Deno.test("4.6 maxSilence alone: no earlier, at most a tenth later, and a tenth more for when life was noticed", () => {
  for (let life = 0; life < 3_000; life += 123) {
    const heartbeat = new Heartbeat(
      { interval: Infinity, timeout: 100, maxSilence: 1_000 },
      false,
      0,
      0,
    );
    // Something every 500 ms, until `life`.
    const verdicts = run(
      heartbeat,
      10_000,
      (now) => ({ ...QUIET, heard: Math.floor(Math.min(now, life) / 500) }),
    );
    const last = Math.floor(life / 500) * 500;
    const [at = NaN, kind] = verdicts[0] ?? [];
    assertEquals(kind, "lost");
    assert(at >= last + 1_000 && at <= last + 1_100, `${last} ${at}`);
  }
});

Deno.test("4.7 F73 a check that comes a second late or more asks anew instead of judging", () => {
  for (const late of [1_000, 60_000, 8 * 3_600_000]) {
    const policy = { ...POLICY, maxSilence: 5_000 };
    const heartbeat = new Heartbeat(policy, true, 0, 0);
    heartbeat.check(500, QUIET);
    heartbeat.check(1_000, QUIET);
    const now = heartbeat.nextAt + late;
    assertEquals(heartbeat.check(now, QUIET).kind, "ping");
    assertEquals(heartbeat.check(now + 400, QUIET).kind, "lost");
  }
});

Deno.test("4.7 F73 a second is a standstill whatever the timeout, and each standstill is forgiven", () => {
  const patient = { interval: 30_000, timeout: 10_000, maxSilence: Infinity };
  const heartbeat = new Heartbeat(patient, true, 0, 0);
  assertEquals(heartbeat.check(30_000, QUIET).kind, "ping");
  assertEquals(heartbeat.check(40_000 + 999, QUIET).kind, "lost");

  const stopped = new Heartbeat(patient, true, 0, 0);
  let now = stopped.nextAt;
  assertEquals(stopped.check(now, QUIET).kind, "ping");
  // Four in a row, without a moment in which the answer could have come.
  for (let round = 0; round < 4; round++) {
    now = stopped.nextAt + 1_000;
    assertEquals(stopped.check(now, QUIET).kind, "ping");
  }
  now = stopped.nextAt;
  assertEquals(stopped.check(now, QUIET).kind, "lost");
});

Deno.test("4.7 a check that is late by half of a short timeout asks anew too, but only once without life", () => {
  const heartbeat = new Heartbeat(POLICY, true, 0, 0);
  assertEquals(heartbeat.check(1_000, QUIET).kind, "ping");
  assertEquals(heartbeat.check(1_400 + 200, QUIET).kind, "ping");
  assertEquals(heartbeat.check(2_000 + 200, QUIET).kind, "lost");

  const healthy = new Heartbeat(POLICY, true, 0, 0);
  let heard = 0;
  for (let round = 0; round < 100; round++) {
    const now = healthy.nextAt + 250;
    const { kind } = healthy.check(now, { ...QUIET, heard: heard++ });
    assert(kind !== "lost");
  }
});

Deno.test("4.6 infinite numbers: nothing is ever due", () => {
  const heartbeat = new Heartbeat(
    { interval: Infinity, timeout: 100, maxSilence: Infinity },
    true,
    0,
    0,
  );
  assertEquals(heartbeat.nextAt, Infinity);
});
