// @ts-types="@types/ws"
import { WebSocket } from "ws";

/** npm `ws` as a pool's `websocket.factory`: it can ping with frames. */
export function openNodeWebSocket(
  url: string,
  { protocols }: { protocols: string[] },
): WebSocket {
  return new WebSocket(url, protocols, { perMessageDeflate: false });
}
