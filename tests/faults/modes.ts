import {
  blackhole,
  fin,
  latency,
  limitTotal,
  pass,
  rst,
  slice,
} from "../support/fault_flow.ts";
import type { Scene } from "./scene.ts";

/** A fault, and what must come of a connection that it meets in each state. */
export interface Mode {
  readonly name: string;
  readonly where?: "process";
  /** Befalls what is under way and whatever is dialled until the scene is mended. */
  strike(scene: Scene): void | Promise<void>;
  /** Nothing but time tells: the pool's own limits have to be short. */
  readonly isSilent: boolean;
  readonly idle: "kept" | "lost" | "probe";
  readonly leased: "kept" | "lost" | "heartbeat";
  readonly connecting: "opens" | "fails" | "times out";
  readonly closing: "closes" | "lingers";
}

const harmless = {
  isSilent: false,
  idle: "kept",
  leased: "kept",
  connecting: "opens",
  closing: "closes",
} as const;

const silent = {
  isSilent: true,
  idle: "probe",
  leased: "heartbeat",
  connecting: "times out",
  closing: "lingers",
} as const;

const abrupt = {
  isSilent: false,
  idle: "lost",
  leased: "lost",
  connecting: "fails",
  closing: "closes",
} as const;

export const modes: readonly Mode[] = [
  {
    name: "pass",
    strike: ({ proxy }) => proxy.set(pass),
    ...harmless,
  },
  {
    name: "F13 latency",
    strike: ({ proxy }) => proxy.set(latency(20)),
    ...harmless,
  },
  {
    name: "F68 slice",
    strike: ({ proxy }) => proxy.set(slice(16, 1)),
    ...harmless,
  },
  {
    // What is there stays; a dial in flight is beyond the door.
    name: "F2 refuse",
    strike: ({ proxy }) => {
      proxy.set(pass);
      proxy.refuse();
    },
    ...harmless,
  },
  {
    name: "F4 F28 blackhole",
    strike: ({ proxy }) => proxy.set(blackhole),
    ...silent,
  },
  {
    // Part of a frame, or of the handshake's answer, and then nothing.
    name: "F4 F28 limit",
    strike: ({ proxy }) => proxy.set(limitTotal(5)),
    ...silent,
  },
  {
    name: "F24 rst",
    strike: ({ proxy }) => proxy.set(rst),
    ...abrupt,
  },
  {
    name: "F27 fin",
    strike: ({ proxy }) => proxy.set(fin),
    ...abrupt,
  },
  {
    name: "F24 F79 server process gone",
    where: "process",
    strike: async (scene) => {
      await scene.kill();
      scene.proxy.set(pass);
    },
    ...abrupt,
  },
];
