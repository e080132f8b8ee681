import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  addWaiter,
  removeWaiter,
  stampCohort,
} from "../../../src/core/queue.ts";
import { join, stamp } from "../../../src/core/shortcuts.ts";
import { Cohort, type Waiter } from "../../../src/core/waiter.ts";
import { BareCore, type BarePayload } from "../../support/bare_core.ts";

type Members = Waiter<BarePayload>[];

/** Members of a cohort, between one of another before and one behind. */
function cohortOf(
  count: number,
  timeout = 500,
  fresh = false,
): { core: BareCore; cohort: Cohort<BarePayload>; members: Members } {
  const core = new BareCore();
  const { ledger } = core.state;
  const key = core.key("a");
  const stranger = () => new Cohort(key, fresh, timeout, undefined, 0);
  const join = (cohort: Cohort<BarePayload>) => addWaiter(ledger, cohort, "a");
  const cohort = stranger();
  join(stranger());
  const members = Array.from({ length: count }, () => join(cohort));
  join(stranger());
  return { core, cohort, members };
}

for (const fresh of [false, true]) {
  const which = fresh ? "for a fresh connection" : "for any";
  Deno.test(`I5 a waiter ${which} leaves its cohort once, the first to come first`, () => {
    const { core, cohort, members } = cohortOf(3, 500, fresh);
    const { ledger } = core.state;
    for (const [index, member] of members.entries()) {
      assertStrictEquals(cohort.first, member);
      assertStrictEquals(cohort.last, members[2]);
      assertStrictEquals(core.state.abortFirst(cohort, 0), member);
      assertEquals(member.next, undefined, "it holds on to nobody");
      assertEquals(ledger.waiting, 4 - index);
    }
    assertEquals([cohort.first, cohort.last], [undefined, undefined]);
    assertEquals(core.state.abortFirst(cohort, 0), undefined);
    assertEquals([ledger.waiting, ledger.counters.aborted], [2, 3]);
  });
}

for (const fresh of [false, true]) {
  const name = fresh ? "freshWaiters" : "waiters";
  Deno.test(`4.2 a cohort is among the ${name} of its key while it has members`, () => {
    const { core, cohort, members: [one, other] } = cohortOf(2, 500, fresh);
    assert(one && other);
    const queue = cohort.key[name];
    const [before, , behind] = queue;
    assertStrictEquals([...queue][1], cohort);
    removeWaiter(core.state.ledger, one);
    assertStrictEquals([...queue][1], cohort);
    assertEquals([cohort.first, cohort.last], [other, other]);
    removeWaiter(core.state.ledger, other);
    assertEquals([cohort.first, cohort.last], [undefined, undefined]);
    assertEquals(queue.size, 2);
    assertStrictEquals(queue.first, before);
    assertStrictEquals(queue.last, behind);
    assertEquals(cohort.key.waiting, 2);
  });
}

Deno.test("4.2 members of a cohort share one deadline, unknown until it is stamped", () => {
  for (const [timeout, at] of [[500, 570], [Infinity, Infinity]] as const) {
    const { core, cohort } = cohortOf(2, timeout);
    assertEquals([cohort.since, cohort.rank], [Infinity, Infinity]);
    stampCohort(core.state.ledger, cohort, 70);
    assertEquals([cohort.since, cohort.rank], [70, at]);
  }
});

Deno.test("4.2 who joins is of the last cohort if it asks for the same, until that is stamped", () => {
  const core = new BareCore({ maxConnections: 1 });
  core.lease("a");
  const key = core.key("a");
  const { ledger } = core.state;
  const cohorts: Cohort<BarePayload>[] = [];
  const joinAs = (timeout: number, ticket?: string) => {
    const cohort = join(ledger, key, timeout, ticket, "a")?.cohort;
    assert(cohort);
    cohorts.push(cohort);
    return cohorts.lastIndexOf(cohort) === cohorts.indexOf(cohort);
  };
  assert(joinAs(500), "the first");
  assert(!joinAs(500), "the same");
  assert(joinAs(501), "another time limit");
  assert(!joinAs(501), "the same again");
  assert(joinAs(501, "ticket"), "another ticket");
  ledger.overtakings++;
  assert(joinAs(501, "ticket"), "others were overtaken");
  assert(!joinAs(501, "ticket"), "the same after that");
  stamp(ledger, 0);
  assert(joinAs(501, "ticket"), "stamped");
});
