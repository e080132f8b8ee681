import type { ResolvedWait } from "../call_options.ts";
import type { Agenda } from "./agenda.ts";

/**
 * Waits for `promise`, but no longer than the caller's timeout or signal
 * allows: then `cancel` is called with the reason and has to reject the
 * promise. The listener on the caller's signal and the appointment are gone
 * when the wait is over; a long-lived signal keeps nothing.
 *
 * @param attempted What to name in the text of a `TimeoutError`
 */
export async function bounded<T>(
  agenda: Agenda,
  { signal, timeout }: ResolvedWait,
  attempted: string,
  promise: Promise<T>,
  cancel: (reason: unknown) => void,
): Promise<T> {
  const onAbort = () => cancel(signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  const appointment = timeout === Infinity ? undefined : agenda.after(
    timeout,
    () => cancel(timeoutError(attempted, timeout)),
  );
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (appointment !== undefined) agenda.cancel(appointment);
  }
}

function timeoutError(attempted: string, timeout: number): DOMException {
  return new DOMException(
    `${attempted} within ${timeout} ms`,
    "TimeoutError",
  );
}
