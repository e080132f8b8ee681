import type { Address } from "../address.ts";

/** What a key dials, and what may be shown of it. */
export interface Target {
  readonly address: Address;
  readonly protocols: readonly string[];
  readonly identity: string;
}
