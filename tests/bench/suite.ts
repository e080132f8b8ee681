import type { Case } from "./case.ts";
import { allocationCases } from "./cases/allocation.ts";
import { backlogCases } from "./cases/backlog.ts";
import { echoCases } from "./cases/echo.ts";
import { fleetCases } from "./cases/fleets.ts";
import { handOffCases } from "./cases/hand_off.ts";
import { inboxCases } from "./cases/inbox.ts";
import { keyCases } from "./cases/keys.ts";
import { pairCases } from "./cases/pairs.ts";
import { receiveCases } from "./cases/receive.ts";
import { waitingCases } from "./cases/waiting.ts";

/** Everything that is measured. */
export const suite: readonly Case[] = [
  ...pairCases,
  ...allocationCases,
  ...handOffCases,
  ...waitingCases,
  ...keyCases,
  ...inboxCases,
  ...receiveCases,
  ...backlogCases,
  ...echoCases,
  ...fleetCases,
];
