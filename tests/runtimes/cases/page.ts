/**
 * What the first page promises.
 *
 * @module
 */

import { conformance } from "./support/conformance.ts";
import { smokeCases } from "./support/smoke.ts";

for (const [title, body] of Object.entries(smokeCases)) {
  conformance(title, body);
}
