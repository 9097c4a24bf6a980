/** The check of messages from a webview: what a page sends is outside data, parsed before anything is done with it. */
import { z } from 'zod';
import type { ImageFilter } from '../../engine/model/image.ts';
import type { JobFilter } from '../../engine/model/job.ts';
import { jobStatuses, imageStatuses } from '../../engine/model/status.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import { keyedProviders } from '../../engine/providers/registry.ts';
import { settingsSchema } from '../../engine/settings/settings.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import type { Method, Params } from '../../webviews/protocol.ts';
import { viewNames } from '../../webviews/protocol.ts';

/** Choosing everything of a very large gallery still fits; more than this is no person's choice. */
const mostIds = 250_000;

function areIds(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostIds) return false;
  // Unlike `every`, this looks at holes too.
  return value.findIndex((one) => typeof one !== 'string' || one.length < 1 || one.length > 64) === -1;
}

const nothing = z.strictObject({});
const id = z.string().min(1).max(64);
/** Looked at in one go: a schema for each of 100,000 ids takes ten times as long, on the thread of all extensions. */
const ids = z.custom<string[]>(areIds);
const time = z.number().int().min(-8.64e15).max(8.64e15);
const search = z.string().max(1000);
const count = z.number().int().min(0).max(1_000_000_000);

const page = z.strictObject({
  limit: z.number().int().min(1).max(500),
  after: z.string().max(2000).exactOptional(),
  offset: count.exactOptional(),
});
const jobFilter: z.ZodType<JobFilter> = z.strictObject({
  statuses: z.array(z.enum(jobStatuses)).max(20).exactOptional(),
  from: time.exactOptional(),
  to: time.exactOptional(),
  search: search.exactOptional(),
});
const imageFilter: z.ZodType<ImageFilter> = z.strictObject({
  statuses: z.array(z.enum(imageStatuses)).max(20).exactOptional(),
  jobIds: z.array(id).max(10_000).exactOptional(),
  reasons: z.array(z.string().max(100)).max(100).exactOptional(),
  softFailed: z.boolean().exactOptional(),
  from: time.exactOptional(),
  to: time.exactOptional(),
  search: search.exactOptional(),
});
const sort = z.enum(['newest', 'oldest', 'name']);
const imageChoice = z.union([z.strictObject({ ids }), z.strictObject({ filter: imageFilter })]);

/** Values are checked against the settings' own declaration where they are used; here only their size. */
const settingValue = z.union([
  z.string().max(20_000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(2000)).max(500),
]);
const settingKey = z.string().regex(/^[a-zA-Z]+\.[a-zA-Z]+$/);
/** A setting, or all whose keys begin with it. */
const settingGroup = z.string().regex(/^[a-zA-Z]+(\.[a-zA-Z]+)?$/);
const someSettings = z
  .record(settingKey, settingValue)
  .refine((values) => Object.keys(values).length <= 500) as unknown as z.ZodType<Partial<Settings>>;
const allSettings = someSettings as unknown as z.ZodType<Settings>;

const target = z.strictObject({
  jobId: id.exactOptional(),
  imageId: id.exactOptional(),
  field: settingKey.exactOptional(),
});
const remedy: z.ZodType<Remedy> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('setKey'), provider: z.enum(keyedProviders) }),
  z.strictObject({ kind: z.literal('openSettings'), field: settingKey.nullable() }),
  z.strictObject({
    kind: z.enum([
      'openFolder',
      'trustWorkspace',
      'adoptHistory',
      'editPrompt',
      'cleanUp',
      'reload',
      'showLog',
    ]),
  }),
]);
const slot = z.strictObject({ jobId: id, generation: count, variation: count });
const input = z.enum(['keywordsFile', 'systemPromptFile', 'qualityCheckPromptFile', 'metadataPromptFile']);
const exportWhat = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('job'), jobId: id }),
  z.strictObject({ kind: z.literal('jobs'), jobIds: ids }),
  z.strictObject({ kind: z.literal('images'), images: imageChoice, metadata: z.boolean() }),
]);
const destinationKind = z.strictObject({ what: z.enum(['job', 'jobs', 'images']) });
const provider = z.strictObject({ provider: z.enum(keyedProviders) });

const removers = settingsSchema['provider.backgroundRemoval'].options.map(({ value }) => value);
const remover = z.strictObject({ 'provider.backgroundRemoval': z.enum(removers) });

const byJob = z.strictObject({ jobId: id });
const stoppable = z.union([byJob, z.strictObject({ runId: id })]);
const byImage = z.strictObject({ imageId: id });
const byImages = z.strictObject({ imageIds: ids });
const byExport = z.strictObject({ exportId: id });

const params: { [M in Method]: z.ZodType<Params<M>> } = {
  'session.get': nothing,
  'view.open': z.strictObject({ view: z.enum(viewNames), target: target.exactOptional() }),
  'remedy.apply': z.strictObject({ remedy }),
  'text.copy': z.strictObject({ text: z.string().max(64_000_000) }),
  'jobs.page': z.strictObject({ filter: jobFilter, sort, page }),
  'jobs.count': z.strictObject({ filter: jobFilter }),
  'jobs.ids': z.strictObject({ filter: jobFilter }),
  'job.get': byJob,
  'job.document': z.strictObject({ jobId: id, input }),
  'job.openInput': z.strictObject({ jobId: id, input }),
  'job.rename': z.strictObject({ jobId: id, label: z.string().max(1000) }),
  'job.editSettings': z.strictObject({ jobId: id, settings: allSettings }),
  'statistics.get': nothing,
  'progress.get': nothing,
  'plan.get': nothing,
  'job.start': nothing,
  'job.startSample': nothing,
  'job.stop': stoppable,
  'job.forceStop': stoppable,
  'job.resume': z.strictObject({ jobId: id, changes: remover.exactOptional() }),
  'jobs.rerun': z.strictObject({ jobIds: ids }),
  'job.rerunWithChanges': z.strictObject({ jobId: id, changes: someSettings }),
  'jobs.delete': z.strictObject({ jobIds: ids }),
  'queue.get': nothing,
  'queue.remove': z.strictObject({ runIds: ids }),
  'queue.continue': nothing,
  'run.continueWith': z.strictObject({ runId: id, changes: remover }),
  'images.page': z.strictObject({ filter: imageFilter, sort, page }),
  'images.counts': z.strictObject({ filter: imageFilter }),
  'images.ids': z.strictObject({ filter: imageFilter }),
  'image.get': byImage,
  'image.editMetadata': z.strictObject({
    imageId: id,
    title: z.string().max(1000).exactOptional(),
    description: z.string().max(20_000).exactOptional(),
    tags: z.array(z.string().max(200)).max(500).exactOptional(),
  }),
  'image.open': byImage,
  'image.reveal': byImage,
  'image.copyPath': byImage,
  'images.delete': byImages,
  'images.approve': byImages,
  'images.approveSoon': byImages,
  'approvals.undo': nothing,
  'images.retry': z.strictObject({
    imageIds: ids,
    settings: z.union([z.literal('original'), someSettings]),
    regenerateMetadata: z.boolean(),
  }),
  'failures.groups': z.strictObject({ filter: imageFilter }),
  'slots.failed': z.strictObject({ jobId: id.exactOptional(), page }),
  'slots.generateAgain': z.strictObject({ slots: z.array(slot).min(1).max(mostIds) }),
  'trash.undo': z.strictObject({ trashId: id }),
  'logs.page': z.strictObject({
    jobId: id,
    debug: z.boolean(),
    afterSeq: count.exactOptional(),
    limit: z.number().int().min(1).max(5000),
  }),
  'logs.save': z.strictObject({ jobId: id, debug: z.boolean() }),
  'exports.pickDestination': destinationKind,
  'exports.lastDestination': destinationKind,
  'exports.start': z.strictObject({
    what: exportWhat,
    destinationId: id.nullable(),
    onConflict: z.enum(['append', 'overwrite']),
  }),
  'exports.list': nothing,
  'exports.cancel': byExport,
  'exports.reveal': byExport,
  'settings.get': nothing,
  'settings.check': z.strictObject({ values: someSettings }),
  'settings.save': z.strictObject({ changes: someSettings }),
  'settings.reset': nothing,
  'settings.keepDraft': z.strictObject({ draft: someSettings.nullable() }),
  'settings.pickPath': z.strictObject({ key: settingKey }),
  'settings.openFile': z.strictObject({ key: settingKey }),
  'settings.openNative': z.strictObject({ key: settingGroup.nullable() }),
  'keys.states': nothing,
  'keys.set': provider,
  'keys.clear': provider,
  'keys.test': provider,
};

const message = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('cancel'), id: z.number().int().min(0) }),
  z.strictObject({
    kind: z.literal('request'),
    id: z.number().int().min(0),
    method: z.string().max(64),
    params: z.unknown(),
  }),
]);

export type SoundRequest = { [M in Method]: { method: M; params: Params<M> } }[Method];

export type Received =
  | { kind: 'ready' }
  | { kind: 'cancel'; id: number }
  | { kind: 'request'; id: number; request: SoundRequest }
  /** A request with an id that can be answered, but not with this content. */
  | { kind: 'refused'; id: number; why: string }
  | { kind: 'unreadable' };

function isMethod(name: string): name is Method {
  return Object.hasOwn(params, name);
}

/** Whatever a page posted, as something that may be acted on. */
export function parseFromView(value: unknown): Received {
  const parsed = message.safeParse(value);
  if (!parsed.success) return { kind: 'unreadable' };
  const data = parsed.data;
  if (data.kind !== 'request') return data;
  if (!isMethod(data.method)) return { kind: 'refused', id: data.id, why: 'There is no such request.' };
  const sound = params[data.method].safeParse(data.params);
  if (!sound.success) {
    return { kind: 'refused', id: data.id, why: `The request ${data.method} came with unfit values.` };
  }
  return {
    kind: 'request',
    id: data.id,
    request: { method: data.method, params: sound.data } as SoundRequest,
  };
}
