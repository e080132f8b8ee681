import { once } from "node:events";
import process from "node:process";

/** When a process of several may work: one at a time, a short while each. */
export interface Turns {
  /** Ends the turn under way, and waits for the next. */
  next(): Promise<void>;
}

/** What a process prints when its turn is over, and it wants another. */
export const OVER = JSON.stringify({ turn: "over" });

/** The whole time is one's own. */
export const alone: Turns = { next: () => Promise.resolve() };

/** As whoever started the process says, by a line for each turn after the first. */
export const told: Turns = {
  async next() {
    // First the listener: the answer can be there at once.
    const begun = once(process.stdin, "data");
    console.log(OVER);
    await begun;
  },
};
