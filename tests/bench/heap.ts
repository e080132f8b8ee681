import v8 from "node:v8";

/** The runtime's own way to free what can be freed; nothing where it has none. */
function collector(): () => void {
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc === "function") return () => void gc();
  const bun: unknown = Reflect.get(globalThis, "Bun");
  if (typeof bun !== "object" || bun === null) return () => {};
  const bunGc: unknown = Reflect.get(bun, "gc");
  return typeof bunGc === "function" ? () => void bunGc(true) : () => {};
}

/** Frees what can be freed, where the runtime can be asked to. */
export async function collect(): Promise<void> {
  const gc = collector();
  for (let turn = 0; turn < 3; turn++) {
    gc();
    // What finalizers hold goes with the next.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Bytes of live objects, and of dead ones since the last collection. */
export function heapUsed(): number {
  return v8.getHeapStatistics().used_heap_size;
}
