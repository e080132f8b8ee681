import type { Case } from "./case.ts";
import { allocationCases } from "./cases/allocation.ts";
import { handOffCases } from "./cases/hand_off.ts";
import { inboxCases } from "./cases/inbox.ts";
import { keyCases } from "./cases/keys.ts";
import { pairCases } from "./cases/pairs.ts";
import { waitingCases } from "./cases/waiting.ts";

/** Everything that is measured. */
export const suite: readonly Case[] = [
  ...pairCases,
  ...allocationCases,
  ...handOffCases,
  ...waitingCases,
  ...keyCases,
  ...inboxCases,
];
