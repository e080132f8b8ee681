import { typeName } from "./checks.ts";

/** An option for each name that an object of options may have. */
export type OptionTable<Given> = {
  readonly [Name in keyof Given]-?: (
    given: Given[Name] | undefined,
    name: string,
  ) => unknown;
};

/** What the options of a table make of what is given. */
export type Resolved<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends
    (given: never, name: string) => infer Value ? Value : never;
};

/**
 * Reads an object of options by its table.
 *
 * - Only own properties are options, and each is read once.
 *
 * @param owner What has the options, as errors name it
 * @param prefix What stands before an option's name in errors
 * @throws {TypeError} If it is no object, or has a name that is not in the table
 * @throws {TypeError | RangeError} What its options throw
 */
export function readOptions<
  Given extends object,
  Table extends OptionTable<Given>,
>(
  given: Given | undefined,
  owner: string,
  table: Table,
  prefix = `${owner}.`,
): Resolved<Table> {
  const own = copyOwn<Partial<Given>>(given === undefined ? {} : given, owner);
  for (const name in own) {
    if (Object.hasOwn(table, name)) continue;
    const known = Object.keys(table).join(", ");
    throw new TypeError(`${owner} has no option "${name}"; known: ${known}`);
  }
  const options: OptionTable<Given> = table;
  const resolved: [name: string, value: unknown][] = [];
  for (const name in options) {
    if (!Object.hasOwn(options, name)) continue;
    resolved.push([name, options[name](own[name], prefix + name)]);
  }
  // There is an entry for every name of the table.
  return Object.fromEntries(resolved) as Resolved<Table>;
}

/**
 * A copy of the own properties, in which nothing else is found:
 * `Object.prototype` may have been given properties.
 *
 * @throws {TypeError} If it is no object; it is not shown, as it may be an address where the options belong
 */
export function copyOwn<Given extends object>(
  given: Given,
  owner: string,
): Given {
  if (!isObject(given)) {
    throw new TypeError(`${owner} must be an object, got ${typeName(given)}`);
  }
  const copy = { ...given };
  // Not in the literal, of which engines make a dictionary: a heartbeat's copy is looked at for each message.
  Object.setPrototypeOf(copy, null);
  return copy;
}

/** Whether a value can be an object of options. */
export function isObject(given: unknown): boolean {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}
