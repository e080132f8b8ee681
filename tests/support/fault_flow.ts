/** What becomes of the bytes of one direction. Durations in ms. */
export interface Flow {
  /** At most so many bytes at once, */
  readonly size: number;
  /** and so much time between two writes. */
  readonly gap: number;
  /** How long each piece is held, the end of the stream included. */
  readonly delay: number;
  /** After so many bytes nothing passes any more, not even the end. */
  readonly total: number;
  /** What the receiving side gets at once, whatever was on its way. */
  readonly ending: "none" | "fin" | "rst";
}

export const pass: Flow = {
  size: Infinity,
  gap: 0,
  delay: 0,
  total: Infinity,
  ending: "none",
};

/** Takes everything and lets nothing through: what was taken passes once this is over. */
export const blackhole: Flow = { ...pass, total: 0 };

export const rst: Flow = { ...pass, ending: "rst" };

export const fin: Flow = { ...pass, ending: "fin" };

export function latency(delay: number): Flow {
  return { ...pass, delay };
}

/** Dribbles: `size` bytes, a gap, `size` bytes... */
export function slice(size: number, gap: number): Flow {
  return { ...pass, size, gap };
}

/** A rate, in bytes per second. */
export function limitRate(rate: number): Flow {
  const gap = 20;
  return slice(Math.max(1, Math.round(rate * gap / 1_000)), gap);
}

/** So many bytes, then nothing. */
export function limitTotal(total: number): Flow {
  return { ...pass, total };
}
