/** Rows of `logs` as records. */
import type { LogEntry } from '../../model/events.ts';
import { CheckedRow, latest } from './checkedRow.ts';
import { damageOf } from './damage.ts';
import { isId } from './ids.ts';
import { columnsWithin } from './size.ts';

const levels = ['info', 'warn', 'error'] as const;
const mostBytes = 64 * 1024;

/** To be followed by the conditions. */
export const selectLogs = `SELECT l.seq, ${columnsWithin('l', ['at', 'debug'], ['image_id', 'level', 'message'], mostBytes)}
  FROM logs AS l`;

export interface LogRow {
  seq: number;
  image_id: unknown;
}

export function toLog(raw: LogRow, jobId: string): LogEntry {
  const row = new CheckedRow(raw);
  row.expect(raw.image_id === null || isId(raw.image_id), 'image_id');
  const entry: LogEntry = {
    seq: raw.seq,
    jobId,
    imageId: isId(raw.image_id) ? raw.image_id : null,
    at: row.number('at', 0, latest),
    level: row.word('level', levels, 'info'),
    debug: row.flag('debug'),
    message: row.text('message', mostBytes),
  };
  return row.damaged.length === 0 ? entry : { ...entry, level: 'warn', message: damageOf(row.damaged) };
}
