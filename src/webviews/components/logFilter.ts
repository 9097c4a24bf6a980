/** Which rows of a log are shown. */
import type { LogEntry, LogLevel } from '../../engine/model/events.ts';

export interface LogFilter {
  level: LogLevel | 'all';
  /** Anywhere in the message, ignoring case. */
  search: string;
}

export function filterLog(entries: readonly LogEntry[], filter: LogFilter): readonly LogEntry[] {
  const needle = filter.search.trim().toLocaleLowerCase();
  if (filter.level === 'all' && needle === '') return entries;
  return entries.filter(
    (entry) =>
      (filter.level === 'all' || entry.level === filter.level) &&
      (needle === '' || entry.message.toLocaleLowerCase().includes(needle)),
  );
}
