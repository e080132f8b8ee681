import { ENVIRONMENT, type Environment } from "./control.ts";

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** By name, as a browser knows no `node:process`. */
function processHere(): Process | undefined {
  return Reflect.get(globalThis, "process");
}

function read(): Environment {
  const text = processHere()?.env[ENVIRONMENT] ??
    new URLSearchParams(globalThis.location?.search).get(ENVIRONMENT);
  if (text === null) throw new Error(`${ENVIRONMENT} is not set`);
  return JSON.parse(text);
}

export const environment: Environment = read();
