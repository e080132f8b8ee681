/**
 * The packages we are measured against, pinned here and nowhere else.
 *
 * @module
 */
export { Sema } from "npm:async-sema@3.1.1";
export { createPool as createGenericPool } from "npm:generic-pool@3.9.0";
export { createPool as createLightningPool } from "npm:lightning-pool@4.14.0";
export { WebSocket as PartySocket } from "npm:partysocket@1.3.0";
export { default as ReconnectingWebSocket } from "npm:reconnecting-websocket@4.4.0";
export { Pool as TarnPool } from "npm:tarn@3.1.2";
