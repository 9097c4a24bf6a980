/** How the state of a job looks, the same in every view. */
import type { JobSummary } from '../../engine/model/job.ts';
import type { JobStatus } from '../../engine/model/status.ts';
import { jobStatusLabel } from '../../engine/model/status.ts';
import type { IconName } from './icon.ts';

interface Look {
  icon: IconName;
  /** A class of the shared styles. */
  tone: 'pass' | 'fail' | 'pending' | 'running' | 'muted';
  spin: boolean;
}

const looks: Record<JobStatus, Look> = {
  queued: { icon: 'watch', tone: 'muted', spin: false },
  running: { icon: 'loading', tone: 'running', spin: true },
  paused: { icon: 'debug-pause', tone: 'pending', spin: false },
  completed: { icon: 'pass', tone: 'pass', spin: false },
  failed: { icon: 'error', tone: 'fail', spin: false },
  stopped: { icon: 'stop-circle', tone: 'muted', spin: false },
  interrupted: { icon: 'warning', tone: 'pending', spin: false },
};

export function jobLook(job: Pick<JobSummary, 'status'>): Look {
  return looks[job.status];
}

/** "Stopping..." is how a running job looks after Stop. */
export function jobStatusText(job: Pick<JobSummary, 'status' | 'stopping'>): string {
  return job.status === 'running' && job.stopping ? 'Stopping...' : jobStatusLabel(job);
}

/** Running time so far: a running job counts on from when its row was read. */
export function shownDuration(job: Pick<JobSummary, 'status' | 'durationMs' | 'asOf'>, now: number): number {
  return job.status === 'running' ? job.durationMs + Math.max(0, now - job.asOf) : job.durationMs;
}

export function canResume(job: Pick<JobSummary, 'status'>): boolean {
  return job.status === 'paused' || job.status === 'stopped' || job.status === 'interrupted';
}
