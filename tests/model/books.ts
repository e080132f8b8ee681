import type { Key } from "../../src/core/key.ts";
import type { Ledger } from "../../src/core/ledger.ts";
import { type Slot, SlotState } from "../../src/core/slot.ts";
import type { Cohort, Waiter } from "../../src/core/waiter.ts";
import type { BarePayload } from "../support/bare_core.ts";

type Line = Readonly<Record<string, unknown>>;

const STATES = Object.keys(SlotState);

/**
 * All that a ledger knows and that decides what comes, as text: one that is
 * compared fast, and of which a report shows the lines that differ.
 *
 * Left out is what may differ: the time of the last input, revisions, and who
 * shares a cohort with whom.
 *
 * @param hasTimes Whether the times of waiters are part of it
 */
export function booksOf(
  ledger: Ledger<BarePayload>,
  hasTimes: boolean,
): string {
  const keys = [...ledger.keys.values()].sort((a, b) =>
    a.name < b.name ? -1 : 1
  );
  return [
    line("counters", { ...ledger.counters }),
    line("retired", ledger.counters.retired),
    line("pool", numbersOf(ledger)),
    line("sets", setsOf(ledger)),
    ...Array.from(ledger.slots, (slot) => line("slot", factsOf(slot))),
    ...keys.map((key) => line("key", recordOf(key, ledger.dialable.size))),
    ...keys.flatMap((key) =>
      [...key.waiters, ...key.freshWaiters].flatMap(membersOf).map((waiter) =>
        line(`waiter of ${key.name}`, placeOf(waiter, hasTimes))
      )
    ),
  ].join("\n");
}

function line(title: string, facts: Line): string {
  let text = title;
  for (const name of Object.keys(facts)) text += ` ${name}=${facts[name]}`;
  return text;
}

function numbersOf(ledger: Ledger<BarePayload>): Line {
  return {
    phase: ledger.phase,
    idle: ledger.idle,
    probing: ledger.probing,
    resetting: ledger.resetting,
    closing: ledger.closing,
    lingering: ledger.lingering,
    waiting: ledger.waiting,
    demand: ledger.demand,
    blocked: ledger.blocked,
    overtakings: ledger.overtakings,
    sequence: ledger.sequence,
    lastOrder: ledger.lastOrder,
    tickAt: ledger.tickAt,
    tickedAt: ledger.tickedAt,
    rateFreeAt: ledger.rateFreeAt,
    rateAlarm: ledger.rateAlarm?.rank,
    drain: ledger.drain?.rank,
    drained: ledger.drained,
    forced: ledger.forced,
  };
}

function setsOf(ledger: Ledger<BarePayload>): Line {
  const { dialable } = ledger;
  return {
    connecting: Array.from(ledger.connecting, ({ id }) => id),
    redialling: Array.from(ledger.redialling, ({ slot }) => slot.id),
    blockedRedials: Array.from(ledger.blockedRedials, ({ slot }) => slot.id),
    overdue: Array.from(ledger.overdue, ({ id }) => id),
    failed: Array.from(ledger.failed, ({ name }) => name),
    dialable: dialable.size,
    nextToDial: dialable.first?.name,
    redialable: Array.from(ledger.redialable, ({ name }) => name),
    yielding: Array.from(ledger.yielding, ({ name }) => name),
    warmers: Array.from(
      ledger.warmers,
      ({ key, count, rank }) => `${key.name} ${count} ${rank}`,
    ),
  };
}

function factsOf(slot: Slot<BarePayload>): Line {
  const { redial } = slot;
  return {
    id: slot.id,
    key: slot.key.name,
    state: STATES[slot.state],
    lease: slot.lease,
    doom: slot.doom,
    openedAt: slot.openedAt,
    since: slot.since,
    checkedAt: slot.checkedAt,
    idleOrder: slot.idleOrder,
    alarm: slot.alarm?.rank,
    lifetime: slot.lifetime?.rank,
    stage: redial?.stage,
    attempts: redial?.attempts,
    turn: redial?.rank,
    redialAlarm: redial?.alarm?.rank,
  };
}

function recordOf(key: Key<BarePayload>, dialable: number): Line {
  const isDialable = key.heapIndex >= 0;
  return {
    name: key.name,
    idle: key.idle.map(({ id }) => id),
    redials: Array.from(key.redials, ({ slot }) => slot.id),
    size: key.size,
    connecting: key.connecting,
    redialling: key.redialling,
    probing: key.probing,
    closing: key.closing,
    warmers: key.warmers,
    waiting: key.waiting,
    demand: key.demand,
    blocked: key.blocked,
    reserved: key.reserved,
    isDialable,
    // Outside the queue of dials, or alone in it, a rank means nothing.
    rank: isDialable && dialable > 1 ? key.rank : undefined,
    wake: key.wake?.rank,
    failures: JSON.stringify(key.failed),
  };
}

/** Who shares a cohort with whom is a shortcut's own business. */
function membersOf({ first }: Cohort<BarePayload>): Waiter<BarePayload>[] {
  const members: Waiter<BarePayload>[] = [];
  for (let each = first; each !== undefined; each = each.next) {
    members.push(each);
  }
  return members;
}

function placeOf(
  { sequence, answer, cohort }: Waiter<BarePayload>,
  hasTimes: boolean,
): Line {
  const { fresh, timeout, overtakings, since, rank: at } = cohort;
  const facts = { sequence, answer, fresh, timeout, overtakings };
  return hasTimes ? { ...facts, since, at } : facts;
}
