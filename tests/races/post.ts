import { assert } from "@std/assert";

/** One lease, from the moment of its grant; the first of its connection is number 1. */
export interface Tenancy {
  readonly connectionId: number;
  readonly ordinal: number;
}

/** A message of a server, and who held its connection at that moment. */
interface Sent {
  readonly n: number;
  readonly tenant: Tenancy | undefined;
  /** Whether its connection had never been leased, as far as one could tell. */
  readonly isEarly: boolean | "unknown";
}

/** Knows who holds which connection, and who may read which message (4.4). */
export class Post {
  readonly #tenants: Map<number, Tenancy> = new Map();
  readonly #counts: Map<number, number> = new Map();
  readonly #sent: Sent[] = [];
  readonly #delivered: Set<number> = new Set();

  get delivered(): number {
    return this.#delivered.size;
  }

  granted(connectionId: number): void {
    const ordinal = (this.#counts.get(connectionId) ?? 0) + 1;
    this.#counts.set(connectionId, ordinal);
    this.#tenants.set(connectionId, { connectionId, ordinal });
  }

  /** A lease of its own accord, or with its pool, is over. */
  ended(connectionId: number): void {
    this.#tenants.delete(connectionId);
  }

  tenantOf(connectionId: number): Tenancy | undefined {
    return this.#tenants.get(connectionId);
  }

  /** Notes a message that is about to arrive. @returns Its number */
  send(connectionId: number | undefined): number {
    const n = this.#sent.length;
    const id = connectionId ?? -1;
    this.#sent.push({
      n,
      tenant: this.#tenants.get(id),
      // Before `onOpen` nobody can tell whose the socket is.
      isEarly: connectionId === undefined ? "unknown" : !this.#counts.has(id),
    });
    return n;
  }

  /** A lease, or a hook where `tenant` is not given, has read a message. */
  deliver(message: unknown, tenant: Tenancy | "hook" | undefined): number {
    const { n }: { n?: unknown } = Object(message);
    const sent = this.#sent[Number(n)];
    assert(sent !== undefined, `nobody sent ${JSON.stringify(message)}`);
    assert(!this.#delivered.has(sent.n), `message ${sent.n} came twice`);
    this.#delivered.add(sent.n);
    if (tenant === "hook") return sent.n;
    assert(tenant !== undefined, `message ${sent.n} came without a lease`);
    const isGreeting = sent.isEarly === "unknown" ||
      sent.isEarly && tenant.ordinal === 1;
    assert(
      sent.tenant === tenant || isGreeting,
      `message ${sent.n} of ${describe(sent.tenant)} came to ${
        describe(tenant)
      }`,
    );
    return sent.n;
  }
}

function describe(tenant: Tenancy | undefined): string {
  if (tenant === undefined) return "nobody";
  return `lease ${tenant.ordinal} of connection ${tenant.connectionId}`;
}
