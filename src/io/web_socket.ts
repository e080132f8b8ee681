import type { WebSocketConfig, WebSocketLike } from "../options.ts";
import { ignoreRejection } from "../thrown.ts";
import type { DialRequest } from "./dial_request.ts";

/**
 * Opens a raw socket, through the user's factory or the runtime's constructor.
 *
 * @throws {unknown} What the constructor or the factory throws
 */
export function openWebSocket(
  factory: WebSocketConfig["factory"],
  { url, protocols, headers }: DialRequest,
): WebSocketLike {
  const list = [...protocols];
  const init = { protocols: list, ...headers && { headers } };
  if (factory !== undefined) return requireSocket(factory(url, init));
  // The options object only where it is needed: browsers know lists alone.
  return construct(url, headers === undefined ? list : init);
}

/** @throws {TypeError} If a factory made something else */
function requireSocket(made: WebSocketLike): WebSocketLike {
  // An async factory: what it rejects with must not end the process.
  ignoreRejection(made);
  if (typeof made?.addEventListener === "function") return made;
  throw new TypeError("websocket.factory must return a WebSocket");
}

/** What Deno, Node and Bun take as second argument, beyond the standard. */
interface SocketInit {
  readonly protocols: string[];
  readonly headers?: Headers;
}

/** `WebSocket` as those runtimes have it; a browser's would take the object for a subprotocol. */
type ExtendedConstructor = new (
  url: string,
  init: string[] | SocketInit,
) => WebSocket;

function construct(url: string, init: string[] | SocketInit): WebSocket {
  // The types of the standard library know the standard only; `requireHeaders` has made sure.
  const constructor: unknown = WebSocket;
  return new (constructor as ExtendedConstructor)(url, init);
}

/**
 * Makes sure that headers can be sent.
 *
 * @param what What would be sent in them
 * @throws {TypeError} If neither a factory nor the runtime can
 */
export function requireHeaders(
  factory: WebSocketConfig["factory"],
  what: string,
): void {
  if (factory !== undefined || sendsHeaders()) return;
  throw new TypeError(
    `${what}: this runtime's WebSocket cannot send headers; ` +
      "use a subprotocol, the query, or websocket.factory",
  );
}

/**
 * Whether the runtime's `WebSocket` can send headers: found out by whether its
 * constructor reads `headers` of the second argument, not by the runtime's
 * name. The trap throws when it does; a constructor that does not read it
 * refuses the object as a subprotocol, so nothing is dialled in either case.
 */
export function sendsHeaders(): boolean {
  let wasRead = false;
  const trap = {
    protocols: ["not a token"],
    get headers(): Headers {
      wasRead = true;
      throw new Error("The constructor need not go on");
    },
    toString: () => "not a token",
  };
  try {
    construct("ws://localhost", trap).close();
  } catch {
    // Expected on every runtime: the answer is whether the trap was sprung.
  }
  return wasRead;
}
