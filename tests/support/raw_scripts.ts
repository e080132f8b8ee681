import { closeFrame, encodeFrame, opcodes, textFrame } from "./frames.ts";
import type { RawPeer } from "./raw_peer.ts";

/** What a server does with a connection once its request is there. */
export type PeerHandler = (peer: RawPeer) => void | Promise<void>;

const BURST_LENGTH = 100;

/** Texts `"0"`, `"1"`, ... as frames. */
export function numberedFrames(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => textFrame(String(index)));
}

const scripts = new Map<string, PeerHandler>([
  // Handshakes.
  ["hang", () => {}],
  ["status", (peer) => peer.reject(numberIn(peer.path) ?? 500)],
  ["redirect", (peer) => peer.reject(302, { Location: "/echo" })],
  ["wrong-accept", (peer) => peer.accept({ acceptKey: "AAAA" })],
  ["unasked-protocol", (peer) => peer.accept({ protocol: "unasked" })],
  ["no-protocol", (peer) => peer.accept()],
  ["garbage", async (peer) => {
    await peer.write(new TextEncoder().encode("\x16\x03\x01 not HTTP\r\n\r\n"));
    peer.fin();
  }],
  ["reset-handshake", (peer) => peer.reset()],
  ["fin-handshake", (peer) => peer.fin()],
  // Data.
  ["echo", (peer) => {
    peer.echoes = true;
    return accept(peer);
  }],
  ["greet", (peer) => accept(peer, [textFrame("hello")])],
  ["burst", (peer) => accept(peer, burst(peer))],
  ["invalid-utf8", (peer) =>
    accept(peer, [
      encodeFrame(opcodes.text, new Uint8Array([0xC3, 0x28])),
    ])],
  // Ends.
  ["close", (peer) => {
    const frame = closeFrame(numberIn(peer.path), "scripted");
    return accept(peer, [frame]);
  }],
  ["burst-close", (peer) => accept(peer, [...burst(peer), closeFrame(1000)])],
  ["fin", async (peer) => {
    await accept(peer);
    peer.fin();
  }],
  ["reset", async (peer) => {
    await accept(peer);
    peer.reset();
  }],
  ["reset-mid-frame", async (peer) => {
    const frame = textFrame("never whole");
    await accept(peer, [textFrame("whole"), frame.subarray(0, -3)]);
    peer.reset();
  }],
  ["no-close-answer", (peer) => {
    peer.answersClose = false;
    return accept(peer);
  }],
  ["no-fin", (peer) => {
    peer.sendsFin = false;
    return accept(peer);
  }],
]);

/**
 * The script named by the first part of the path: `/status/401`, `/burst/500`,
 * `/close/1008`, `/echo/anything`. Any other path is accepted and answers what
 * the protocol asks for.
 */
export function scriptByPath(peer: RawPeer): void | Promise<void> {
  const [, name = ""] = peer.path.split(/[/?]/);
  return (scripts.get(name) ?? accept)(peer);
}

function accept(
  peer: RawPeer,
  followedBy: readonly Uint8Array[] = [],
): Promise<void> {
  return peer.accept({ protocol: peer.request.protocols[0], followedBy });
}

function burst(peer: RawPeer): Uint8Array[] {
  return numberedFrames(numberIn(peer.path) ?? BURST_LENGTH);
}

function numberIn(path: string): number | undefined {
  const part = path.split(/[/?]/)[2];
  return part === undefined ? undefined : Number(part);
}
