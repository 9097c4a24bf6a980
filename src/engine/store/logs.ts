/** Logs of jobs: plain sentences, and beside them technical rows that Debug shows. */
import type { LogEntry, LogLevel } from '../model/events.ts';
import { findJob } from './jobs.ts';
import { idOf } from './rows/ids.ts';
import { selectLogs, toLog } from './rows/log.ts';
import type { LogRow } from './rows/log.ts';
import type { Reader, Writer } from './store.ts';

export type NewLogEntry = Omit<LogEntry, 'seq'>;

/** Plain sentences about a job as a whole. */
export function jobRows(
  jobId: string,
  level: LogLevel,
  messages: readonly string[],
  at: number,
): NewLogEntry[] {
  return messages.map((message) => ({ jobId, imageId: null, at, level, debug: false, message }));
}

/** Technical rows kept for one image; what comes after is dropped. */
export const debugRowsPerImage = 200;

/** Stores rows of one or more jobs in their order; returns those that were kept, with their numbers. */
export function insertLogs(db: Writer, entries: readonly NewLogEntry[]): LogEntry[] {
  const jobs = new Map<string, number>();
  const insert = db.sql(
    `INSERT INTO logs (job_seq, image_id, at, level, debug, message)
     SELECT @jobSeq, @imageId, @at, @level, @debug, @message
     WHERE @debug = 0 OR @imageId IS NULL OR
       (SELECT count(*) FROM logs INDEXED BY logs_debug_by_image WHERE image_id = @imageId AND debug = 1) < @most`,
  );
  const kept: LogEntry[] = [];
  for (const entry of entries) {
    let jobSeq = jobs.get(entry.jobId);
    if (jobSeq === undefined) jobs.set(entry.jobId, (jobSeq = findJob(db, entry.jobId)));
    const { changes, lastInsertRowid } = insert.run({
      jobSeq,
      imageId: entry.imageId,
      at: entry.at,
      level: entry.level,
      debug: Number(entry.debug),
      message: entry.message,
      most: debugRowsPerImage,
    });
    if (changes > 0) kept.push({ ...entry, seq: Number(lastInsertRowid) });
  }
  return kept;
}

/**
 * Rows of a job in their order, after `afterSeq` (from the first without it); without `debug`, only plain sentences.
 */
export function listLogs(
  db: Reader,
  jobId: string,
  options: { debug: boolean; afterSeq?: number; limit: number },
): LogEntry[] {
  const seq = findJob(db, jobId);
  const job = db.sql<{ id: unknown }>('SELECT id FROM jobs WHERE seq = ?').get(seq);
  const part = (): string =>
    `SELECT * FROM (${selectLogs} INDEXED BY logs_by_job
     WHERE l.job_seq = @seq AND l.debug = @debug AND l.seq > @after ORDER BY l.seq LIMIT @limit)`;
  const values = { seq, after: options.afterSeq ?? 0, limit: options.limit };
  const plain = db.sql<LogRow>(part()).all({ ...values, debug: 0 });
  const rows = options.debug
    ? [...plain, ...db.sql<LogRow>(part()).all({ ...values, debug: 1 })]
        .sort((a, b) => a.seq - b.seq)
        .slice(0, options.limit)
    : plain;
  return rows.map((row) => toLog(row, idOf(job?.id, seq)));
}

/** Clean Up: removes the technical rows of jobs that do not run, some thousands a call; returns how many went. */
export function removeDebugLogs(db: Writer, atMost: number): number {
  return db
    .sql(
      `DELETE FROM logs WHERE seq IN (
         SELECT l.seq FROM jobs AS j CROSS JOIN logs AS l INDEXED BY logs_by_job
         ON l.job_seq = j.seq AND l.debug = 1 WHERE j.status <> 'running' LIMIT ?)`,
    )
    .run(atMost).changes;
}

/** Rows and characters of the technical rows that `removeDebugLogs` would remove. */
export function debugLogSize(db: Reader): { rows: number; bytes: number } {
  const row = db
    .sql<{ rows: number; bytes: number | null }>(
      `SELECT count(*) AS rows, total(octet_length(l.message)) AS bytes
       FROM jobs AS j CROSS JOIN logs AS l INDEXED BY logs_by_job
       ON l.job_seq = j.seq AND l.debug = 1 WHERE j.status <> 'running'`,
    )
    .get();
  return { rows: row?.rows ?? 0, bytes: row?.bytes ?? 0 };
}
