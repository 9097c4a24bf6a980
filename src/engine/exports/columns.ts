/** What the sheets hold: one table of columns for each, read top to bottom as left to right. */
import type { ImageRecord } from '../model/image.ts';
import type { JobSummary } from '../model/job.ts';
import { formatCost, toUsd } from '../model/money.ts';
import { imageStatusLabel, jobStatusLabel } from '../model/status.ts';
import { formatDuration } from '../model/duration.ts';
import {
  definitionOf,
  settingKeys,
  settingsAsRun,
  settingSections,
  shownSetting,
} from '../settings/settings.ts';
import type { SettingKey, Settings } from '../settings/settings.ts';
import { dateCell, textCell } from './cells.ts';
import type { Cell } from './cells.ts';

/** A job with its settings of now and as it ran. */
export interface ExportedJob extends JobSummary {
  settings: Settings;
  /** As run; null before the first start. */
  snapshot: Settings | null;
}

export interface Column<Row> {
  header: string;
  /** Characters. */
  width: number;
  format?: 'date' | 'usd';
  value: (row: Row) => Cell;
}

/** A row of an images sheet: the record, and the name of its file inside an archive. */
export interface ImageSheetRow {
  image: ImageRecord;
  /** Null where the sheet goes without files. */
  name: string | null;
}

const imageColumns: readonly Column<ImageSheetRow>[] = [
  { header: 'Image ID', width: 38, value: ({ image }) => textCell(image.id) },
  { header: 'Job ID', width: 38, value: ({ image }) => textCell(image.jobId) },
  { header: 'Generation', width: 11, value: ({ image }) => image.generation + 1 },
  { header: 'Variation', width: 10, value: ({ image }) => image.variation + 1 },
  { header: 'Keyword', width: 30, value: ({ image }) => textCell(keywordText(image.keyword)) },
  { header: 'Prompt', width: 60, value: ({ image }) => textCell(image.prompt) },
  { header: 'Seed', width: 12, value: ({ image }) => image.seed },
  { header: 'Status', width: 18, value: ({ image }) => imageStatusLabel(image.status, image.failure) },
  { header: 'Reason', width: 40, value: ({ image }) => textCell(reasonText(image)) },
  { header: 'Title', width: 40, value: ({ image }) => textCell(image.title) },
  { header: 'Description', width: 60, value: ({ image }) => textCell(image.description) },
  { header: 'Tags', width: 40, value: ({ image }) => textCell(image.tags.join(', ')) },
  { header: 'File', width: 50, value: ({ image }) => textCell(image.path) },
  { header: 'Width', width: 8, value: ({ image }) => image.width },
  { header: 'Height', width: 8, value: ({ image }) => image.height },
  {
    header: 'Cost',
    width: 12,
    format: 'usd',
    value: ({ image }) => (image.costMicroUsd === null ? null : toUsd(image.costMicroUsd)),
  },
  { header: 'Created At', width: 20, format: 'date', value: ({ image }) => dateCell(image.createdAt) },
];

export const jobImageColumns = imageColumns;

const inFront = ['Title', 'Description', 'Tags'];

/** The sheet of an archive of images: what stock sites ask for first, then the columns of the job's sheet. */
export const archiveImageColumns: readonly Column<ImageSheetRow>[] = [
  { header: 'Image Name', width: 50, value: ({ name }) => textCell(name) },
  ...imageColumns.filter(({ header }) => inFront.includes(header)),
  { header: 'Date', width: 20, format: 'date', value: ({ image }) => dateCell(image.createdAt) },
  ...imageColumns.filter(({ header }) => !inFront.includes(header)),
];

const jobColumns: readonly Column<ExportedJob>[] = [
  { header: 'Job ID', width: 38, value: (job) => textCell(job.id) },
  { header: 'Label', width: 40, value: (job) => textCell(job.label) },
  { header: 'Status', width: 12, value: (job) => jobStatusLabel(job) },
  { header: 'Error', width: 40, value: (job) => textCell(job.error?.message ?? null) },
  { header: 'Created At', width: 20, format: 'date', value: (job) => dateCell(job.createdAt) },
  { header: 'Started At', width: 20, format: 'date', value: (job) => dateCell(job.startedAt) },
  { header: 'Finished At', width: 20, format: 'date', value: (job) => dateCell(job.finishedAt) },
  { header: 'Duration', width: 14, value: (job) => formatDuration(job.durationMs) },
  { header: 'Duration (s)', width: 12, value: (job) => Math.round(job.durationMs / 1000) },
  { header: 'Planned', width: 10, value: (job) => job.planned },
  { header: 'Generated', width: 10, value: (job) => job.generated },
  { header: 'Checked', width: 10, value: (job) => job.checked },
  { header: 'Approved', width: 10, value: (job) => job.approved },
  { header: 'Failed', width: 10, value: (job) => job.failed },
  {
    header: 'Cost',
    width: 12,
    format: 'usd',
    // A sum with an unknown price in it is no number to add up.
    value: (job) => (job.cost.unknown ? formatCost(job.cost) : toUsd(job.cost.microUsd)),
  },
];

/** The one row of Job Summary: the job, then each setting as it ran. */
export const jobSummaryColumns: readonly Column<ExportedJob>[] = [
  ...jobColumns,
  ...settingKeys.map((key) => ({
    header: settingHeader(key),
    width: 24,
    value: (job: ExportedJob) => settingCell(key, settingsAsRun(job)),
  })),
];

/** One row per setting. */
export const settingColumns: readonly Column<{ key: SettingKey; job: ExportedJob }>[] = [
  { header: 'Section', width: 16, value: ({ key }) => sectionLabel(key) },
  { header: 'Setting', width: 36, value: ({ key }) => definitionOf(key).label },
  { header: 'Value', width: 50, value: ({ key, job }) => settingCell(key, settingsAsRun(job)) },
  { header: 'Key', width: 40, value: ({ key }) => key },
];

/** The label; with its section where another setting has the same. */
function settingHeader(key: SettingKey): string {
  const { label } = definitionOf(key);
  const taken = [...settingKeys.filter((other) => other !== key).map((other) => definitionOf(other).label)];
  const jobHeaders = jobColumns.map(({ header }) => header);
  return taken.includes(label) || jobHeaders.includes(label) ? `${label} (${key})` : label;
}

function sectionLabel(key: SettingKey): string {
  const { section } = definitionOf(key);
  return settingSections.find(({ id }) => id === section)?.label ?? section;
}

/** Numbers stay numbers; everything else as people read it in the forms. */
function settingCell(key: SettingKey, settings: Settings): Cell {
  const value = settings[key];
  return typeof value === 'number' ? value : textCell(shownSetting(key, value));
}

/** `fox`, or `Subject: fox; Style: watercolour` for rows of several columns. */
function keywordText(keyword: Readonly<Record<string, string>>): string {
  const cells = Object.entries(keyword);
  if (cells.length === 1) return cells[0]?.[1] ?? '';
  return cells.map(([column, value]) => `${column}: ${value}`).join('; ');
}

function reasonText({ status, failure, qcReason, softFailures }: ImageRecord): string {
  const soft = softFailures.map(({ reason }) => reason);
  const main = failure?.reason ?? (status === 'approved' ? null : qcReason);
  return [...(main === null ? [] : [main]), ...soft].join('; ');
}
