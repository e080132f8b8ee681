import type { AcquireOptions } from "@jetsocket/pool";
import { Caller } from "./caller.ts";
import { Holder } from "./holder.ts";
import type { RaceSocket } from "./race_socket.ts";
import type { RaceWorld } from "./race_world.ts";

/** Everybody who takes part in a race. */
export interface Cast {
  readonly world: RaceWorld;
  readonly callers: Caller[];
  /** Those who took what was idle, without waiting. */
  readonly takers: Holder[];
}

/** What can happen in a race. */
export type Move = (cast: Cast) => void;

export function acquire(
  { world, callers }: Cast,
  path: string,
  options: AcquireOptions = {},
): Caller {
  const caller = new Caller(world, path, options);
  callers.push(caller);
  return caller;
}

function onSomeSocket(
  { world }: Cast,
  act: (socket: RaceSocket) => void,
): void {
  const open = world.sockets.filter(({ isOpen }) => isOpen);
  const [first, ...others] = open;
  if (first === undefined) return;
  world.hasEnds = true;
  act(world.dice.pick([first, ...others]));
}

function message({ world }: Cast): void {
  const [first, ...others] = world.sockets.filter(({ readyState }) =>
    readyState === WebSocket.OPEN || readyState === WebSocket.CLOSING
  );
  if (first === undefined) return;
  const socket = world.dice.pick([first, ...others]);
  const n = world.post.send(socket.connectionId);
  socket.message(JSON.stringify({ n }));
}

export const MOVES = {
  "acquire": (cast) => void acquire(cast, "/a"),
  "acquire another": (cast) => void acquire(cast, "/b"),
  "acquire a fresh one": (cast) => void acquire(cast, "/a", { fresh: true }),
  "acquire now": (cast) => void acquire(cast, "/a", { timeout: 0 }),
  "acquire soon": (cast) => void acquire(cast, "/a", { timeout: 120 }),
  "acquire and leave": (cast) => {
    const caller = acquire(cast, "/a");
    cast.world.race.add("abort", () => caller.abort());
  },
  "take what is idle": ({ world, takers }) => {
    const conn = world.pool.tryAcquire("/a");
    if (conn === undefined) return;
    const taker = new Holder(world, conn);
    takers.push(taker);
    world.race.add("taker ends", () => taker.end());
  },
  "warm": ({ world }) => {
    world.pool.warm("/a", { count: 2, timeout: 300 }).catch(() => {
      if (!world.isClosed) {
        world.judge(() => {
          throw new Error("warm rejects");
        });
      }
    });
  },
  "clear": ({ world }) => {
    world.hasEnds = true;
    world.pool.clear();
  },
  "close": ({ world }) => {
    world.isClosed = true;
    void world.pool.close({ drainTimeout: world.dice.pick([0, 0, 200]) });
  },
  "message": message,
  "time passes": ({ world }) => world.clock.rush(world.dice.pick([1, 20, 60])),
  "much time passes": ({ world }) =>
    world.clock.rush(world.dice.pick([110, 320, 450])),
  "timers are late": ({ world }) => world.clock.jump(320),
  "peer closes": (cast) => {
    const code = cast.world.dice.pick([1_000, 1_001, 1_011, 4_401]);
    onSomeSocket(cast, (socket) => socket.peerClose(code));
  },
  "network breaks": (cast) => onSomeSocket(cast, (socket) => socket.reset()),
  "socket is closed behind the pool's back": (cast) =>
    onSomeSocket(cast, (socket) => {
      socket.answersClose = true;
      socket.close();
    }),
} as const satisfies Readonly<Record<string, Move>>;

export type MoveName = keyof typeof MOVES;

export const MOVE_NAMES = Object.keys(MOVES).filter((name): name is MoveName =>
  name in MOVES
);
