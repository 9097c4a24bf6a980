/** Figures over all jobs (D6). */
import type { JobStatistics } from '../model/job.ts';
import { latest } from './rows/checkedRow.ts';
import type { Reader } from './store.ts';

/** What is no number of a job counts nothing. */
const inRange = (column: string): string =>
  `iif(typeof(${column}) = 'integer' AND ${column} BETWEEN 0 AND ${latest}, ${column}, 0)`;

export function jobStatistics(db: Reader): JobStatistics {
  const rows = db
    .sql<{ status: string; jobs: number; ms: number; images: number }>(
      `SELECT status, count(*) AS jobs, total(${inRange('running_ms')}) AS ms, total(${inRange('generated')}) AS images
       FROM jobs INDEXED BY jobs_for_statistics GROUP BY status`,
    )
    .all();
  const count = (status: string): number => rows.find((row) => row.status === status)?.jobs ?? 0;
  const completed = count('completed');
  const ended = completed + count('failed') + count('stopped') + count('interrupted');
  const time = rows.find((row) => row.status === 'completed')?.ms ?? 0;
  return {
    totalJobs: rows.reduce((sum, row) => sum + row.jobs, 0),
    completed,
    failed: count('failed'),
    successRate: ended === 0 ? null : completed / ended,
    averageDurationMs: completed === 0 ? null : time / completed,
    totalImages: rows.reduce((sum, row) => sum + row.images, 0),
  };
}
