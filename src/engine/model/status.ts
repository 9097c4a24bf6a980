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

/** The steps of the pipeline, in their order. */
export const stages = [
  'prompt',
  'generate',
  'download',
  'qualityCheck',
  'removeBackground',
  'trim',
  'enhance',
  'convert',
  'metadata',
  'deliver',
] as const;
export type Stage = (typeof stages)[number];

export const jobStatusLabels: Record<JobStatus, string> = {
  queued: 'Queued',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  stopped: 'Stopped',
  interrupted: 'Interrupted',
};

export const imageStatusLabels: Record<ImageStatus, string> = {
  pending: 'Pending',
  processing: 'Processing',
  approved: 'Approved',
  qcFailed: 'QC Failed',
  failed: 'Failed',
  retryPending: 'Retry Pending',
  retryFailed: 'Retry Failed',
};

/** What a technical failure of a step is called. */
export const stageFailureLabels: Record<Stage, string> = {
  prompt: 'Prompt Failed',
  generate: 'Generation Failed',
  download: 'Download Failed',
  qualityCheck: 'QC Analysis Failed',
  removeBackground: 'Background Removal Failed',
  trim: 'Trim Failed',
  enhance: 'Enhancement Failed',
  convert: 'Conversion Failed',
  metadata: 'Metadata Failed',
  deliver: 'Save Failed',
};

export const stageLabels: Record<Stage, string> = {
  prompt: 'Prompt',
  generate: 'Generation',
  download: 'Download',
  qualityCheck: 'Quality Check',
  removeBackground: 'Background Removal',
  trim: 'Trim',
  enhance: 'Enhancement',
  convert: 'Conversion',
  metadata: 'Metadata',
  deliver: 'Save',
};

/** Failures that are named after what happened, not after the step that met it, by the store's key of their reason. */
const namedReasons: Readonly<Record<string, { code: string; label: string }>> = {
  flagged: { code: 'content.flagged', label: 'Content Flagged' },
  missing: { code: 'image.missing', label: 'Original Missing' },
};

/** The shown status of an image: a technical failure is named after its stage. */
export function imageStatusLabel(status: ImageStatus, failure: Failure | null): string {
  if (status !== 'failed' || failure === null) return imageStatusLabels[status];
  const named = Object.values(namedReasons).find(({ code }) => code === failure.code);
  return named?.label ?? stageFailureLabels[failure.stage];
}

/** Keys by which the store groups images that failed, in the order in which they are offered. */
export const imageReasons: readonly string[] = ['qcFailed', ...Object.keys(namedReasons), ...stages.slice(2)];

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
