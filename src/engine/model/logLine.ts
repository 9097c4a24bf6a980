/** One row of a log as text: copied, saved and printed the same everywhere. */
import type { LogEntry } from './events.ts';

/** Time of day on the reader's clock, `HH:MM:SS`. */
export function logTime(at: number): string {
  const d = new Date(at);
  return [d.getHours(), d.getMinutes(), d.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

/** `[HH:MM:SS] [LEVEL] message` in local time. */
export function logLine(entry: Pick<LogEntry, 'at' | 'level' | 'message'>): string {
  return `[${logTime(entry.at)}] [${entry.level.toUpperCase()}] ${entry.message}`;
}
