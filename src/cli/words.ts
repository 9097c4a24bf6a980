/** What the command line prints for people. */
import { formatDuration } from '../engine/model/duration.ts';
import type { ImageRecord } from '../engine/model/image.ts';
import type { JobStatistics, JobSummary, Progress } from '../engine/model/job.ts';
import { shortId } from '../engine/model/label.ts';
import { formatCost } from '../engine/model/money.ts';
import { slotName } from '../engine/model/slot.ts';
import { imageStatusLabel, jobStatusLabel } from '../engine/model/status.ts';
import { timeLeftText } from '../engine/model/timeLeft.ts';
import { wallTime } from '../engine/model/wallTime.ts';
import { oneLine } from './terminal.ts';

/** `YYYY-MM-DD HH:MM` on the reader's clock; a dash for a time that has not come. */
export function shownTime(at: number | null): string {
  return at === null ? '–' : wallTime(at);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Columns of equal width, the first row as head. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(oneLine));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function jobTable(jobs: readonly JobSummary[]): string {
  const head = ['ID', 'LABEL', 'STATUS', 'STARTED', 'DURATION', 'IMAGES', 'COST'];
  const rows = jobs.map((job) => [
    shortId(job.id),
    cut(job.label, 40),
    jobStatusLabel(job),
    shownTime(job.startedAt),
    formatDuration(job.durationMs),
    `${job.approved} / ${job.planned}`,
    formatCost(job.cost),
  ]);
  return table([head, ...rows]);
}

export function imageTable(images: readonly ImageRecord[]): string {
  const head = ['ID', 'JOB', 'IMAGE', 'STATUS', 'SIZE', 'FILE OR REASON'];
  const rows = images.map((image) => [
    shortId(image.id),
    cut(image.jobLabel, 24),
    slotName(image),
    imageStatusLabel(image.status, image.failure),
    image.width === null || image.height === null ? '–' : `${image.width}×${image.height}`,
    image.path ?? cut(image.failure?.reason ?? image.qcReason ?? '–', 80),
  ]);
  return table([head, ...rows]);
}

/** "1 image", "2 images" */
export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

export function statisticsText(statistics: JobStatistics): string {
  const { totalJobs, completed, failed, successRate, averageDurationMs, totalImages } = statistics;
  return table([
    ['Total Jobs', String(totalJobs)],
    ['Completed', String(completed)],
    ['Failed', String(failed)],
    ['Success Rate', successRate === null ? '–' : `${Math.round(successRate * 100)} %`],
    ['Average Duration', averageDurationMs === null ? '–' : formatDuration(averageDurationMs)],
    ['Total Images', String(totalImages)],
  ]);
}

/** "31 of 50 · 29 checked · 27 approved · 2 failed · about 1m 50s left · $0.06" */
export function progressText(progress: Progress): string {
  const { planned, generated, checked, approved, failed, cost, etaMs } = progress;
  const left = etaMs === null ? [] : [timeLeftText(etaMs)];
  return [
    `${generated} of ${planned}`,
    `${checked} checked`,
    `${approved} approved`,
    `${failed} failed`,
    ...left,
    formatCost(cost),
  ].join(' · ');
}

export function jobSummaryText(job: JobSummary): string {
  const lines = [
    `${jobStatusLabel(job)}: ${oneLine(job.label)} (${shortId(job.id)})`,
    `${job.planned} planned · ${job.generated} generated · ${job.approved} approved · ${job.failed} failed`,
    `Cost ${formatCost(job.cost)} · Duration ${formatDuration(job.durationMs)}`,
  ];
  if (job.error !== null) lines.push(`Reason: ${oneLine(job.error.message)}`);
  return lines.join('\n');
}
