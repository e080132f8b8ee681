import type { Action } from "../../src/core/actions.ts";
import type { BarePayload } from "../support/bare_core.ts";

/** An action with everything that it says, on one line. */
export function actionInWords(action: Action<BarePayload>): string {
  const words: (string | number)[] = [action.kind];
  if ("slot" in action) words.push(action.slot.id);
  if ("lease" in action) words.push(action.lease);
  if ("waiter" in action) words.push(action.waiter.answer);
  if ("refusal" in action) words.push(JSON.stringify(action.refusal));
  if ("reason" in action) words.push(action.reason);
  if ("why" in action) words.push(action.why);
  if ("warmer" in action) words.push(action.warmer.key.name, action.idle);
  if ("drained" in action) words.push(action.drained, action.forced);
  return words.join(" ");
}
