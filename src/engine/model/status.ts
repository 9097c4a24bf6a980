/** The words for where a job or an image stands: as stored and sent (camelCase), and as shown. */

export const jobStatuses = [
  'queued',
  'running',
  'paused',
  'completed',
  'failed',
  'stopped',
  'interrupted',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const imageStatuses = [
  'pending',
  'processing',
  'approved',
  'qcFailed',
  'failed',
  'retryPending',
  'retryFailed',
] as const;
export type ImageStatus = (typeof imageStatuses)[number];

/**
 * The steps of the pipeline, in their order, in words: its name, what its technical failure is called, and, where a
 * drawing has no need of it, what is not done to the drawing.
 */
const stageWords = {
  prompt: { label: 'Prompt', failure: 'Prompt Failed' },
  generate: { label: 'Generation', failure: 'Generation Failed' },
  download: { label: 'Download', failure: 'Download Failed' },
  qualityCheck: { label: 'Quality Check', failure: 'QC Analysis Failed' },
  removeBackground: {
    label: 'Background Removal',
    failure: 'Background Removal Failed',
    skipped: 'background removal',
  },
  trim: { label: 'Trim', failure: 'Trim Failed', skipped: 'trimming' },
  enhance: { label: 'Enhancement', failure: 'Enhancement Failed', skipped: 'enhancement' },
  convert: { label: 'Conversion', failure: 'Conversion Failed', skipped: 'conversion' },
  metadata: { label: 'Metadata', failure: 'Metadata Failed' },
  deliver: { label: 'Save', failure: 'Save Failed' },
} as const satisfies Record<string, { label: string; failure: string; skipped?: string }>;
export type Stage = keyof typeof stageWords;
export const stages = Object.keys(stageWords) as readonly Stage[];

/** Where the work on an image begins; what comes before makes it. */
export const firstOfImage: Stage = 'download';

/** True when work that goes on at `from` still has this step before it. */
export function isAhead(stage: Stage, from: Stage): boolean {
  return stages.indexOf(from) <= stages.indexOf(stage);
}

/** Where work goes on after a step; null after the last. */
export function stageAfter(stage: Stage): Stage | null {
  return stages[stages.indexOf(stage) + 1] ?? null;
}

export const jobStatusLabels: Record<JobStatus, string> = {
  queued: 'Queued',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  stopped: 'Stopped',
  interrupted: 'Interrupted',
};

/** What stands in place of a status where the row says something that cannot be. */
export const damagedLabel = 'Damaged';

/** The shown status of a job. */
export function jobStatusLabel(job: { status: JobStatus; damaged?: readonly string[] }): string {
  return job.damaged === undefined ? jobStatusLabels[job.status] : damagedLabel;
}

export const imageStatusLabels: Record<ImageStatus, string> = {
  pending: 'Pending',
  processing: 'Processing',
  approved: 'Approved',
  qcFailed: 'QC Failed',
  failed: 'Failed',
  retryPending: 'Retry Pending',
  retryFailed: 'Retry Failed',
};

const wordsOf = (word: 'label' | 'failure'): Record<Stage, string> =>
  Object.fromEntries(stages.map((stage) => [stage, stageWords[stage][word]])) as Record<Stage, string>;

export const stageLabels = wordsOf('label');

/** What a technical failure of a step is called. */
export const stageFailureLabels = wordsOf('failure');

/** What a drawing is spared, inside a sentence. */
export function skippedLabel(stage: Stage): string {
  const words = stageWords[stage];
  return 'skipped' in words ? words.skipped : words.label.toLowerCase();
}

/** Failures that are named after what happened, not after the step that met it, by the store's key of their reason. */
const namedReasons: Readonly<Record<string, { code: string; label: string }>> = {
  flagged: { code: 'content.flagged', label: 'Content Flagged' },
  missing: { code: 'image.missing', label: 'Original Missing' },
};

/** The shown status of an image: a technical failure is named after its stage. */
export function imageStatusLabel(status: ImageStatus, failure: Failure | null): string {
  if (failure?.code === 'store.damaged') return damagedLabel;
  if (status !== 'failed' || failure === null) return imageStatusLabels[status];
  const named = Object.values(namedReasons).find(({ code }) => code === failure.code);
  return named?.label ?? stageFailureLabels[failure.stage];
}

/** Keys by which the store groups images that failed, in the order in which they are offered. */
export const imageReasons: readonly string[] = [
  'qcFailed',
  ...Object.keys(namedReasons),
  ...stages.filter((stage) => isAhead(stage, firstOfImage)),
];

/** Such a key in words. */
export function reasonLabel(reason: string): string {
  if (reason === 'qcFailed') return imageStatusLabels.qcFailed;
  const stage = stages.find((name) => name === reason);
  return namedReasons[reason]?.label ?? (stage === undefined ? reason : stageFailureLabels[stage]);
}

/** Why an image or a slot ended badly. `code` is a FactoryError code, `reason` a sentence for people. */
export interface Failure {
  stage: Stage;
  code: string;
  reason: string;
}

/** Gallery counts: each status belongs to exactly one of the three groups. */
export const statusGroups = {
  pass: ['approved'],
  fail: ['qcFailed', 'failed', 'retryFailed'],
  pending: ['pending', 'processing', 'retryPending'],
} as const satisfies Record<string, readonly ImageStatus[]>;
