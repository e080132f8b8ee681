import { availableParallelism, cpus, totalmem, type } from "node:os";

/** What the figures were taken on, in one line. */
export function machine(): string {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores} x ${model}, ${memory} GiB, ${type()} ${Deno.build.arch}`;
}
