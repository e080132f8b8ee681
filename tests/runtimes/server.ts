/**
 * The other side of the conformance suite: a raw WebSocket server that every
 * runtime's cases dial, and an HTTP port beside it for what they want of it.
 *
 * It prints its addresses as one line of JSON, and ends with standard input.
 *
 * @module
 */

import { numberedFrames, scriptByPath } from "../support/raw_scripts.ts";
import type { RawPeer } from "../support/raw_peer.ts";
import { RawServer } from "../support/raw_server.ts";
import {
  closeFrame,
  encodeFrame,
  opcodes,
  textFrame,
} from "../support/frames.ts";
import {
  type Action,
  type Awaited,
  CASE_PARAMETER,
  type CaseState,
  type Command,
  type PeerState,
  type ServerAddress,
} from "./cases/support/control.ts";

/** The peers of one case. */
class CaseRecord {
  readonly peers: RawPeer[] = [];
  #peak = 0;

  add(peer: RawPeer): void {
    this.peers.push(peer);
    this.#peak = Math.max(this.#peak, this.#open());
  }

  state(): CaseState {
    const peers = this.peers.map(stateOf);
    return { peers, open: this.#open(), peak: this.#peak };
  }

  meets(awaited: Awaited): boolean {
    const count = (of: (peer: RawPeer) => number) =>
      this.peers.reduce((sum, peer) => sum + of(peer), 0);
    const { open = this.#open(), total = 0, messages = 0, pings = 0 } = awaited;
    return this.#open() === open && this.peers.length >= total &&
      count((peer) => peer.messages.length) >= messages &&
      count(pingsOf) >= pings;
  }

  #open(): number {
    return this.peers.filter(isOpen).length;
  }
}

/** A client that has said its last word may dial again: it counts no more. */
function isOpen(peer: RawPeer): boolean {
  return peer.isOpen && peer.closeCode === undefined && !peer.finReceived;
}

function pingsOf({ frames }: RawPeer): number {
  return frames.filter(({ opcode }) => opcode === opcodes.ping).length;
}

function stateOf(peer: RawPeer): PeerState {
  return {
    path: peer.path,
    headers: Object.fromEntries(peer.request.headers),
    protocols: peer.request.protocols,
    messages: peer.messages.filter((message) => typeof message === "string"),
    pings: pingsOf(peer),
    closeCode: peer.closeCode,
    isOpen: isOpen(peer),
  };
}

async function perform(peer: RawPeer, action: Action): Promise<void> {
  switch (action.name) {
    case "text":
      return await peer.text(action.text);
    case "close":
      return await peer.close(action.code, action.reason);
    case "burst": {
      const frames = numberedFrames(action.count);
      if (action.code !== undefined) frames.push(closeFrame(action.code));
      return await peer.write(...frames);
    }
    case "cut":
      await peer.write(textFrame("whole"), textFrame("cut").subarray(0, -1));
      return peer.reset();
    case "invalid-utf8":
      return await peer.write(
        encodeFrame(opcodes.text, Uint8Array.of(0xC3, 0x28)),
      );
    case "fin":
      return peer.fin();
    case "reset":
      return peer.reset();
    case "pause":
      return peer.pause();
  }
}

/** `/stream/<count>/<symbol>`: that many prices for the first message, then a close. */
async function stream(peer: RawPeer): Promise<void> {
  const [, , count, symbol] = peer.path.split(/[/?]/);
  await peer.accept();
  await peer.until(() => peer.messages.length > 0);
  const prices = Array.from(
    { length: Number(count) },
    (_, index) => textFrame(JSON.stringify({ symbol, price: index + 1 })),
  );
  await peer.write(...prices);
  await peer.close(1000, "that was all");
}

const records = new Map<string, CaseRecord>();

function recordOf(name: string): CaseRecord {
  let record = records.get(name);
  if (record === undefined) records.set(name, record = new CaseRecord());
  return record;
}

async function obey(record: CaseRecord, command: Command): Promise<CaseState> {
  switch (command.do) {
    case "wait":
      await sockets.until(() => record.meets(command.until));
      break;
    case "tell": {
      await sockets.until(() => record.peers.length > command.peer);
      const peer = record.peers[command.peer];
      if (peer !== undefined) await perform(peer, command.action);
      break;
    }
    case "end":
      for (const peer of record.peers) peer.reset();
  }
  return record.state();
}

async function answer(request: Request): Promise<Response> {
  // The page of the browser comes from another port.
  const headers = { "Access-Control-Allow-Origin": "*" };
  const name = new URL(request.url).searchParams.get(CASE_PARAMETER) ?? "";
  const record = recordOf(name);
  try {
    const state = await obey(record, await request.json());
    return Response.json(state, { headers });
  } catch (error) {
    const text = `${error}: ${JSON.stringify(record.state())}`;
    return new Response(text, { status: 500, headers });
  }
}

/** A port that was free a moment ago. */
function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const sockets = await RawServer.start({
  handler: (peer) => {
    const { searchParams } = new URL(peer.path, "http://127.0.0.1");
    recordOf(searchParams.get(CASE_PARAMETER) ?? "").add(peer);
    return peer.path.startsWith("/stream/") ? stream(peer) : scriptByPath(peer);
  },
});
const control = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  answer,
);
const address: ServerAddress = {
  sockets: `ws://127.0.0.1:${sockets.port}`,
  control: `http://127.0.0.1:${control.addr.port}`,
  refused: `ws://127.0.0.1:${unusedPort()}`,
};
console.log(JSON.stringify(address));
// Whoever started it is gone when this ends, however it went.
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
