import {
  Heartbeat,
  type HeartbeatPolicy,
  type Vitals,
} from "../core/heartbeat.ts";
import type { Agenda, Appointment } from "./agenda.ts";

/** The socket and its use, as a heartbeat sees them. */
export interface Patient {
  /** Bytes that have not left the process. */
  readonly unsent: number;
  /** Whether somebody holds the connection: an idle one is probed instead. */
  readonly isLeased: boolean;
  readonly canPing: boolean;
  ping(): void;
  /** Nothing came in for `silence` ms. */
  fellSilent(silence: number): void;
}

/** Keeps a heartbeat going over one socket, from its opening to its end. */
export class Pulse implements Vitals {
  heard = 0;
  handed = 0;
  readonly #agenda: Agenda;
  readonly #patient: Patient;
  readonly #heartbeat: Heartbeat;
  #appointment: Appointment | undefined;
  #pingedAt: number | undefined;

  constructor(agenda: Agenda, policy: HeartbeatPolicy, patient: Patient) {
    this.#agenda = agenda;
    this.#patient = patient;
    const now = agenda.clock.now();
    this.#heartbeat = new Heartbeat(policy, patient.canPing, now, this.heard);
    this.#schedule();
  }

  get unsent(): number {
    return this.#patient.unsent;
  }

  stop(): void {
    if (this.#appointment !== undefined) {
      this.#agenda.cancel(this.#appointment);
    }
    this.#appointment = undefined;
  }

  /** A pong came. @returns How long it took, in ms, if it answers a ping */
  pong(): number | undefined {
    if (this.#pingedAt === undefined) return undefined;
    const latency = this.#agenda.clock.now() - this.#pingedAt;
    this.#pingedAt = undefined;
    return latency;
  }

  #schedule(): void {
    const { nextAt } = this.#heartbeat;
    if (nextAt === Infinity) return;
    this.#appointment = this.#agenda.at(nextAt, () => this.#check());
  }

  #check(): void {
    const now = this.#agenda.clock.now();
    this.#appointment = undefined;
    if (!this.#patient.isLeased) {
      this.#heartbeat.rest(now, this);
      this.#schedule();
      return;
    }
    const verdict = this.#heartbeat.check(now, this);
    if (verdict.kind === "lost") {
      this.#patient.fellSilent(verdict.silence);
      return;
    }
    this.#schedule();
    if (verdict.kind !== "ping") return;
    this.#pingedAt = now;
    this.#patient.ping();
  }
}
