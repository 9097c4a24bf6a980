/** What a command works on: the argument that a tree, menu or view gives it, else the user's choice from a list. */
import { l10n, window } from 'vscode';
import type { ImageFilter } from '../../engine/model/image.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import type { JobStatus } from '../../engine/model/status.ts';
import { imageStatusLabel, jobStatusLabels } from '../../engine/model/status.ts';
import type { Session } from '../session.ts';

/** Longest list of a quick pick; more is for the search of Job Management. */
const pickLimit = 200;

function idIn(argument: unknown, name: 'jobId' | 'imageId'): string | null {
  if (typeof argument !== 'object' || argument === null) return null;
  const value = (argument as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
}

/** Trees call with the item and, when several are selected, with all of them. */
function idsIn(args: readonly unknown[], name: 'jobId' | 'imageId'): string[] {
  const [item, selection] = args;
  if (typeof item === 'string') return [item];
  const items: unknown[] = Array.isArray(selection) && selection.length > 0 ? selection : [item];
  return items.map((each) => idIn(each, name)).filter((id) => id !== null);
}

export interface JobChoice {
  title: string;
  statuses?: readonly JobStatus[];
  many?: boolean;
}

function jobItem(job: JobSummary) {
  return {
    label: job.label,
    description: `${jobStatusLabels[job.status]} · ${new Date(job.startedAt ?? job.createdAt).toLocaleString()}`,
    detail: l10n.t('{0} of {1} images', String(job.generated), String(job.planned)),
    jobId: job.id,
  };
}

/** Ids of jobs; empty when the user closed the list or there is nothing to choose. */
export async function chooseJobs(
  session: Session,
  args: readonly unknown[],
  choice: JobChoice,
): Promise<string[]> {
  const given = idsIn(args, 'jobId');
  if (given.length > 0) return given;
  const factory = await session.factory();
  const filter = choice.statuses === undefined ? {} : { statuses: choice.statuses };
  const items = factory.jobs(filter, 'newest', { limit: pickLimit }).items.map(jobItem);
  if (items.length === 0) {
    void window.showInformationMessage(l10n.t('There is no job for this.'));
    return [];
  }
  if (choice.many === true) {
    const picked = await window.showQuickPick(items, { title: choice.title, canPickMany: true });
    return (picked ?? []).map((item) => item.jobId);
  }
  const picked = await window.showQuickPick(items, { title: choice.title });
  return picked === undefined ? [] : [picked.jobId];
}

/** Ids of images; empty when the user closed the list or there is nothing to choose. */
export async function chooseImages(
  session: Session,
  args: readonly unknown[],
  choice: { title: string; filter: ImageFilter },
): Promise<string[]> {
  const given = idsIn(args, 'imageId');
  if (given.length > 0) return given;
  const factory = await session.factory();
  const { items: images } = factory.images(choice.filter, 'newest', { limit: pickLimit });
  if (images.length === 0) {
    void window.showInformationMessage(l10n.t('There is no image for this.'));
    return [];
  }
  const items = images.map((image) => ({
    label: imageStatusLabel(image.status, image.failure),
    description: image.jobLabel,
    detail: image.failure?.reason ?? image.qcReason ?? image.prompt,
    imageId: image.id,
  }));
  const picked = await window.showQuickPick(items, { title: choice.title, canPickMany: true });
  return (picked ?? []).map((item) => item.imageId);
}
