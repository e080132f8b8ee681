import type { ConnectionFailure, WebSocketConfig } from "../options.ts";
import { ignoreRejection } from "../thrown.ts";
import { type DialFailure, isFatalCode } from "./dial_failure.ts";
import type { SocketEnd } from "./socket.ts";

/** Reports what user code threw. */
type Report = (what: string, thrown: unknown) => void;

/** A failed dial, with the user's word on whether another attempt makes sense. */
export function classifyDial(
  classify: WebSocketConfig["classify"],
  failure: DialFailure,
  attempt: number,
  report: Report,
): DialFailure {
  const { phase, closeCode, closeReason, wasClean, cause } = failure;
  const fatal = isFatal(
    classify,
    {
      ...describe({ closeCode, closeReason, wasClean }),
      phase,
      attempt,
      cause,
    },
    failure.fatal,
    report,
  );
  return fatal === failure.fatal ? failure : { ...failure, fatal };
}

/** Whether a connection that was open is worth another dial. */
export function isRetryable(
  classify: WebSocketConfig["classify"],
  end: SocketEnd | undefined,
  attempt: number,
  report: Report,
): boolean {
  const details = describe({
    closeCode: end?.code,
    closeReason: end?.reason,
    wasClean: end?.wasClean,
  });
  const byDefault = end !== undefined && isFatalCode(end.code);
  const failure: ConnectionFailure = { ...details, phase: "lost", attempt };
  return !isFatal(classify, failure, byDefault, report);
}

function isFatal(
  classify: WebSocketConfig["classify"],
  failure: ConnectionFailure,
  byDefault: boolean,
  report: Report,
): boolean {
  if (classify === undefined) return byDefault;
  try {
    const verdict: unknown = classify(Object.freeze(failure));
    if (verdict === "fatal" || verdict === "retry") return verdict === "fatal";
    ignoreRejection(verdict);
    report("classify", new TypeError('it must return "retry" or "fatal"'));
  } catch (error) {
    report("classify", error);
  }
  return byDefault;
}

/** Only what is known: absent rather than undefined. */
function describe(end: {
  readonly closeCode: number | undefined;
  readonly closeReason: string | undefined;
  readonly wasClean: boolean | undefined;
}): Pick<ConnectionFailure, "closeCode" | "closeReason" | "wasClean"> {
  const { closeCode, closeReason = "", wasClean = false } = end;
  return closeCode === undefined ? {} : { closeCode, closeReason, wasClean };
}
