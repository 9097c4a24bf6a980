/** How long work will still take (D2): from its own pace, for who works and for who watches. */
import { formatDuration } from './duration.ts';

/** What is said of it, once it is known; {0} is a duration. */
export const timeLeftWords = { known: 'about {0} left' } as const;

export function timeLeftText(milliseconds: number): string {
  return timeLeftWords.known.replace('{0}', formatDuration(milliseconds));
}

/** An estimate from fewer images would jump about. */
const imagesBefore = 3;

export interface Pace {
  /** Images that have come so far, in this stretch of work. */
  arrived: number;
  /** Images of it that came to their end, well or badly. */
  ended: number;
  open: number;
  ranMs: number;
}

/** Milliseconds; null until three images have arrived and one of them is done. */
export function timeLeft({ arrived, ended, open, ranMs }: Pace): number | null {
  if (arrived < imagesBefore || ended === 0) return null;
  return Math.round((Math.max(0, ranMs) / ended) * Math.max(0, open));
}
