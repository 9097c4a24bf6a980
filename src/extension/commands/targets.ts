/** What a command works on: the argument that a tree, menu or view gives it, else the user's choice from a list. */
import { l10n, window, type QuickPickItem } from 'vscode';
import type { Factory } from '../../engine/factory.ts';
import type { ImageFilter, ImageRecord } from '../../engine/model/image.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import type { JobStatus } from '../../engine/model/status.ts';
import { jobStatusLabel } from '../../engine/model/status.ts';
import { shortenLine } from '../../engine/model/shorten.ts';
import type { JobSlot } from '../../engine/model/slot.ts';
import { inTurns } from '../../engine/model/turns.ts';
import { failedImages } from '../failedImages.ts';
import type { MenuContext } from '../../webviews/protocol.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { slotsReason } from '../trees/failedImages.ts';
import { selectionFor } from '../trees/selection.ts';
import { imageStatusWords, momentWords } from '../words.ts';
import { showInformationMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';

/** Longest list of a quick pick; more is for the search of Job Management and Gallery. */
const pickLimit = 200;
/** Longest page that the store gives at once. */
const slotLimit = 1000;

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/**
 * What the menu of a view was about, null for every other argument: the id of what lay under the pointer first, then,
 * where that was one of several chosen, the ids of all.
 */
function pointedAt(args: readonly unknown[], section: MenuContext['webviewSection']): string[] | null {
  const [menu] = args;
  if (!isFields(menu) || typeof menu['webviewSection'] !== 'string') return null;
  const id = menu['webviewSection'] === section ? textIn(menu, `${section}Id`) : null;
  return id === null ? [] : [...new Set([id, ...textsIn(menu, 'ids')])];
}

/**
 * The things that a command was called on. Trees call with the item and, when several are selected, with all of them;
 * key bindings with the name of a tree.
 */
function targets(args: readonly unknown[]): Fields[] {
  const [item, selection] = args;
  const several: readonly unknown[] = Array.isArray(selection) ? selection : [];
  const selected = selectionFor(item) ?? (several.length > 0 ? several : [item]);
  return selected.filter(isFields);
}

/** True when the command was called on something, whatever it is: then nobody is asked. */
function calledOnSomething(args: readonly unknown[]): boolean {
  return selectionFor(args[0]) !== null || targets(args).length > 0;
}

/** True when nothing but images was selected. */
export function calledOnImages(args: readonly unknown[]): boolean {
  const on = targets(args);
  return on.length > 0 && on.every((fields) => fields['kind'] === 'image');
}

function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

function textsIn(fields: Fields, name: string): string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function jobIdsIn(args: readonly unknown[]): string[] {
  if (typeof args[0] === 'string') return [args[0]];
  const pointed = pointedAt(args, 'job');
  if (pointed !== null) return pointed;
  const ids = targets(args)
    // An image of a tree belongs to a job without being one.
    .filter((fields) => fields['kind'] !== 'image')
    .map((fields) => textIn(fields, 'jobId'));
  return [...new Set(ids.filter((id) => id !== null))];
}

/** The one job of a command that works on one; null for none. */
export function jobIn(args: readonly unknown[]): { jobId: string } | null {
  const [jobId] = jobIdsIn(args);
  return jobId === undefined ? null : { jobId };
}

/** Images by themselves, or all of a group of the Failed Images tree. */
async function imageIdsIn(args: readonly unknown[], factory: Factory): Promise<string[]> {
  if (typeof args[0] === 'string') return [args[0]];
  const pointed = pointedAt(args, 'image');
  if (pointed !== null) return pointed;
  const found = targets(args).map(async (fields) => {
    const reason = fields['kind'] === 'group' ? textIn(fields, 'reason') : null;
    if (reason !== null) return factory.imageIds({ ...failedImages, reasons: [reason] });
    const one = textIn(fields, 'imageId');
    return one === null ? [] : [one];
  });
  return [...new Set((await Promise.all(found)).flat())];
}

/** Slots without an image: those of the tree, or all of its group. */
export async function slotsIn(args: readonly unknown[], factory: Factory): Promise<JobSlot[]> {
  const found = targets(args).map(async (fields): Promise<JobSlot[]> => {
    if (fields['kind'] === 'group' && fields['reason'] === slotsReason) {
      return (await factory.failedSlots({}, { limit: slotLimit })).items;
    }
    const { jobId, generation, variation } = fields;
    const whole =
      typeof jobId === 'string' && typeof generation === 'number' && typeof variation === 'number';
    return whole ? [{ jobId, generation, variation }] : [];
  });
  return (await Promise.all(found)).flat();
}

export interface JobPick {
  title: string;
  statuses?: readonly JobStatus[];
  many?: boolean;
}

/** One or several of a list; empty when the user closed it. */
async function pick<T extends QuickPickItem>(
  items: readonly T[],
  title: string,
  many: boolean,
): Promise<readonly T[]> {
  const options = { title, matchOnDescription: true, matchOnDetail: true };
  if (many) return (await window.showQuickPick(items, { ...options, canPickMany: true })) ?? [];
  const picked = await window.showQuickPick(items, options);
  return picked === undefined ? [] : [picked];
}

function jobItem(job: JobSummary): QuickPickItem & { jobId: string } {
  const started = momentWords(job.startedAt ?? job.createdAt);
  return {
    label: plainText(job.label),
    description: `${l10n.t(jobStatusLabel(job))} · ${started}`,
    detail: l10n.t('{0} of {1} images', String(job.generated), String(job.planned)),
    jobId: job.id,
  };
}

/** Ids of jobs; empty when the user closed the list or there is nothing to choose. */
export async function chooseJobs(
  session: WorkspaceSession,
  args: readonly unknown[],
  choice: JobPick,
): Promise<string[]> {
  const given = jobIdsIn(args);
  if (given.length > 0) return choice.many === true ? given : given.slice(0, 1);
  if (calledOnSomething(args)) return [];
  const factory = await session.factory();
  const filter = choice.statuses === undefined ? {} : { statuses: choice.statuses };
  const { items: jobs } = await factory.jobs(filter, 'newest', { limit: pickLimit });
  if (jobs.length === 0) {
    void showInformationMessage(l10n.t('There is no job for this.'));
    return [];
  }
  const items = jobs.map((job) => jobItem(job));
  return (await pick(items, choice.title, choice.many === true)).map(({ jobId }) => jobId);
}

export interface ImagePick {
  title: string;
  filter: ImageFilter;
  many: boolean;
  /** Leaves images out that the command cannot work on. */
  fits?: (image: ImageRecord) => boolean;
}

/** Images that are looked at before others have their turn on the thread of all extensions. */
const imagesPerTurn = 50;

async function fittingOf(
  factory: Factory,
  ids: readonly string[],
  fits: (image: ImageRecord) => boolean,
): Promise<string[]> {
  const fitting: string[] = [];
  for await (const slice of inTurns(ids, imagesPerTurn)) {
    fitting.push(...slice.filter((id) => fits(factory.image(id))));
  }
  return fitting;
}

/** Ids of images; empty when the user closed the list or there is nothing to choose. */
export async function chooseImages(
  session: WorkspaceSession,
  args: readonly unknown[],
  choice: ImagePick,
): Promise<string[]> {
  const factory = await session.factory();
  const given = await imageIdsIn(args, factory);
  const { fits } = choice;
  if (given.length > 0) {
    // What was chosen alone is refused by name; of several, those that do not fit are left out.
    const fitting = given.length === 1 || fits === undefined ? given : await fittingOf(factory, given, fits);
    return choice.many ? fitting : fitting.slice(0, 1);
  }
  if (calledOnSomething(args)) return [];
  const { items: listed } = await factory.images(choice.filter, 'newest', { limit: pickLimit });
  const images = fits === undefined ? listed : listed.filter(fits);
  if (images.length === 0) {
    void showInformationMessage(l10n.t('There is no image for this.'));
    return [];
  }
  const items = images.map((image) => ({
    label: imageStatusWords(image),
    description: plainText(image.jobLabel),
    detail: plainText(shortenLine(image.failure?.reason ?? image.qcReason ?? image.prompt, 200)),
    imageId: image.id,
  }));
  return (await pick(items, choice.title, choice.many)).map(({ imageId }) => imageId);
}
