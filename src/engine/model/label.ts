/** How a job is called, the same in every view, search and export. */
import { timestamp } from './wallTime.ts';

/** The last six characters of a job id, as people see and type it. */
export function shortId(id: string): string {
  return id.slice(-6);
}

/** The label of a job that the user did not name: `job_YYYYMMDD_HHMMSS` in local time. */
export function defaultLabel(createdAt: number): string {
  return `job_${timestamp(createdAt)}`;
}

/** The shown label. A rerun shows the label of its original and its own short id, never nested. */
export function shownLabel(job: { id: string; label: string; rerun: boolean }): string {
  return job.rerun ? `${job.label} (Rerun ${shortId(job.id)})` : job.label;
}
