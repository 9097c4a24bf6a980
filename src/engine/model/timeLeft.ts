/** How long work will still take (D2): from its own pace, for who works and for who watches. */

/** An estimate from fewer pictures would jump about. */
const picturesBefore = 3;

export interface Pace {
  /** Pictures that have come so far, in this stretch of work. */
  arrived: number;
  /** Pictures of it that came to their end, well or badly. */
  ended: number;
  open: number;
  ranMs: number;
}

/** Milliseconds; null until three pictures have arrived and one of them is done. */
export function timeLeft({ arrived, ended, open, ranMs }: Pace): number | null {
  if (arrived < picturesBefore || ended === 0) return null;
  return Math.round((Math.max(0, ranMs) / ended) * Math.max(0, open));
}
