import { resolveConfig } from "../../src/config.ts";

/** `path` is an option's name, dotted below an object of options. */
function configOf(path: string, value: unknown): object {
  const [name = "", ...rest] = path.split(".");
  return {
    [name]: rest.length === 0 ? value : configOf(rest.join("."), value),
  };
}

/** What a pool with this one option resolves to. Untyped values are what is tested. */
export function resolveOption(
  path: string,
  value: unknown,
): ReturnType<typeof resolveConfig<unknown, unknown>> {
  return resolveConfig(configOf(path, value));
}
