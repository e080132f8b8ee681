import type { RetireReason } from "@jetsocket/pool";
import { type Cell, isDial } from "./cells.ts";

/** What became of the waiter. */
export type Answer =
  | "waiting"
  /** It got the connection of the operation, the other lease's, or a third. */
  | "granted: operation"
  | "granted: other"
  | "granted: third"
  | "aborted"
  | "closed"
  | "exhausted"
  /** `ConnectError`; with `timedOut` in the second case. */
  | "failed"
  | "timed out";

/** What is to be seen when everything is over, the pool not being closed by the test. */
export interface Facts {
  answer: Answer;
  active: number;
  idle: number;
  lingering: number;
  /** Sockets the servers still hold. */
  open: number;
  retired: Partial<Record<RetireReason, number>>;
}

type Step = "cause" | "end";

/** The orders in which cause and end of the operation may count. */
function ordersOf({ operation, outcome, cause, instant }: Cell): Step[][] {
  const first: Step[] = ["cause", "end"];
  const last: Step[] = ["end", "cause"];
  if (instant === "before" || instant === "during") return [first];
  // The limit has ended the operation before the slow outcome comes.
  if (instant === "after" || outcome === "slow") return [last];
  // A deadline and a call at one instant, or an outcome whose news is on its
  // way while the call is made: either may count, but one and whole.
  if (outcome === "never") return [first, last];
  // What is released is reset first, which is not done within the turn.
  if (operation === "reset" && cause === "release") return [first, last];
  return instant === "just before the outcome" ? [first] : [first, last];
}

/** What DESIGN 4.2, 4.4, 4.8 and 4.11 say of a cell: one of these. */
export function expectationsOf(cell: Cell): Facts[] {
  return ordersOf(cell).map((order) => {
    const story = new Story(cell);
    for (const step of order) {
      story.take(step);
      // A dial takes longer than the turn in which it begins.
      if (!isOneTurn(cell)) story.land();
    }
    story.land();
    return story.facts();
  });
}

/** Whether cause and end of the operation fall into one turn. */
function isOneTurn({ outcome, instant }: Cell): boolean {
  return instant.startsWith("just") && outcome !== "slow";
}

/**
 * The rules in small: two connections at most, one of the operation and one
 * that somebody else holds, one waiter, all of one key. Whatever is dialled
 * beside the operation opens at once.
 */
class Story {
  readonly #cell: Cell;
  #answer: Answer = "waiting";
  #operation: "busy" | "leased" | "idle" | "gone" = "busy";
  #other: "leased" | "idle" | "gone" = "leased";
  #third: "none" | "dialling" | "leased" | "idle" | "gone" = "none";
  /** Whether the third was dialled before a clear. */
  #isThirdStale = false;
  #isClosed = false;
  #isCleared = false;
  #lingering = 0;
  readonly #retired: Partial<Record<RetireReason, number>> = {};

  constructor(cell: Cell) {
    this.#cell = cell;
    if (cell.operation !== "close") return;
    // What closes has been discarded, unless the pool came first.
    if (cell.cause === "pool.close" && cell.instant === "before") {
      this.#operation = "leased";
    } else this.#retire("discarded");
  }

  take(step: Step): void {
    if (step === "end") this.#end();
    else this[this.#cell.cause]();
  }

  /** A dial beside the operation arrives. */
  land(): void {
    if (this.#third !== "dialling") return;
    if (this.#isThirdStale) {
      this.#isThirdStale = false;
      this.#third = "none";
      this.#retire("cleared");
      this.#dialThird();
      this.land();
    } else if (this.#answer === "waiting") {
      this.#answer = "granted: third";
      this.#third = "leased";
    } else this.#third = "idle";
  }

  facts(): Facts {
    const states = [this.#operation, this.#other, this.#third];
    const active = states.filter((state) => state === "leased").length;
    const idle = states.filter((state) => state === "idle").length;
    const { outcome, cause, instant } = this.#cell;
    const isOver = outcome === "slow";
    // A pool that is closed hears of no end any more.
    const isUnheard = isOver && cause === "pool.close" && instant === "during";
    const lingering = isOver && !isUnheard ? 0 : this.#lingering;
    return {
      answer: this.#answer,
      active,
      idle,
      lingering,
      open: active + idle + (isOver ? 0 : lingering),
      retired: this.#retired,
    };
  }

  abort(): void {
    this.#refuse("aborted");
  }

  timeout(): void {
    // 4.2: whose own dial is under way is told of that; with no time at all there was none.
    const hasDial = this.#third === "dialling" ||
      isDial(this.#cell.operation) && this.#operation === "busy" &&
        this.#cell.instant !== "before";
    this.#refuse(hasDial ? "timed out" : "exhausted");
    this.#skipUnbegun();
  }

  release(): void {
    if (this.#answer === "waiting") {
      this.#answer = "granted: other";
      this.#skipUnbegun();
    } else this.#other = "idle";
  }

  discard(): void {
    this.#other = "gone";
    this.#retire("discarded");
    // Room for another, if the waiter has none under way.
    if (!isDial(this.#cell.operation)) this.#dialThird();
  }

  clear(): void {
    const { operation, instant } = this.#cell;
    if (this.#operation === "idle") {
      this.#operation = "gone";
      this.#retire("cleared");
    }
    if (this.#third === "idle") {
      this.#third = "gone";
      this.#retire("cleared");
    }
    this.#isThirdStale = this.#third === "dialling";
    if (instant !== "before") {
      this.#isCleared = true;
    } else if (operation === "probe" || operation === "reset") {
      // It is retired in place of being probed, or reset.
      this.#operation = "gone";
      this.#retire("cleared");
      this.#dialThird();
    }
  }

  "pool.close"(): void {
    this.#refuse("closed");
    this.#isClosed = true;
    const isOpen = this.#operation !== "gone" &&
      !(this.#operation === "busy" &&
        (isDial(this.#cell.operation) || this.#cell.operation === "close"));
    if (isOpen) this.#retire("closed");
    if (this.#other !== "gone") this.#retire("closed");
    if (this.#third === "leased" || this.#third === "idle") {
      this.#retire("closed");
    }
    this.#third = "gone";
    if (this.#operation !== "busy" || this.#cell.operation !== "close") {
      this.#operation = "gone";
    }
    this.#other = "gone";
  }

  #end(): void {
    if (this.#operation !== "busy") return;
    const { operation, outcome, runtime } = this.#cell;
    const isGood = outcome === "ok";
    if (operation === "close") {
      this.#operation = "gone";
      // 4.8: unanswered within the limit; Bun can kill what it abandons.
      const isLate = outcome === "slow" || outcome === "never";
      if (isLate && runtime !== "bun") this.#lingering++;
      this.#dialThird();
    } else if (isDial(operation)) {
      if (isGood) this.#arrive();
      else {
        this.#operation = "gone";
        this.#refuse(outcome === "error" ? "failed" : "timed out");
      }
    } else if (isGood) this.#arrive();
    else {
      this.#operation = "gone";
      this.#retire(operation === "probe" ? "probe" : "discarded");
      this.#dialThird();
    }
  }

  /** The operation's connection can serve: the waiter, or rest; one of before a clear is retired. */
  #arrive(): void {
    if (this.#isCleared) {
      this.#operation = "gone";
      this.#retire("cleared");
      this.#dialThird();
    } else if (this.#answer === "waiting") {
      this.#answer = "granted: operation";
      this.#operation = "leased";
    } else this.#operation = "idle";
  }

  #dialThird(): void {
    if (this.#isClosed || this.#answer !== "waiting") return;
    if (this.#third === "none") this.#third = "dialling";
  }

  #refuse(answer: Answer): void {
    if (this.#answer !== "waiting") return;
    this.#answer = answer;
    this.#skipUnbegun();
  }

  /** Nobody dials for a waiter that is answered before it has to wait. */
  #skipUnbegun(): void {
    const { instant, operation } = this.#cell;
    if (instant === "before" && isDial(operation)) this.#operation = "gone";
  }

  #retire(reason: RetireReason): void {
    this.#retired[reason] = (this.#retired[reason] ?? 0) + 1;
  }
}
