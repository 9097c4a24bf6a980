/** Answers to the requests of the views, from the factory and the services of the extension. */
import { parse } from 'node:path';
import type { Factory } from '../../engine/factory.ts';
import { FactoryError, isFactoryError } from '../../engine/model/errors.ts';
import type { LogEntry } from '../../engine/model/events.ts';
import { fileOfImage } from '../../engine/model/image.ts';
import { logLine } from '../../engine/model/logLine.ts';
import { inWords } from '../../engine/model/message.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import type { Handlers, ImageView } from '../../webviews/protocol.ts';
import { exportHandlers } from './exportHandlers.ts';
import type { HandlerContext } from './handlerContext.ts';
import { toImageView, toTile } from './imageViews.ts';
import { messages } from '../texts.ts';

const draftKey = 'settings.draft';
const logPageSize = 5000;

/** A draft that an older version kept may name other settings; the form leaves those out. */
function readDraft(kept: unknown): Partial<Settings> | null {
  return typeof kept === 'object' && kept !== null ? kept : null;
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

/** All rows of a job's log as text, in local time. */
function logText(factory: Factory, jobId: string, debug: boolean): string {
  const lines: string[] = [];
  let afterSeq: number | undefined;
  for (;;) {
    const rows: LogEntry[] = factory.logs(
      jobId,
      withoutUndefined({ debug, afterSeq, limit: logPageSize }) as { debug: boolean; limit: number },
    );
    lines.push(...rows.map(logLine));
    const last = rows.at(-1);
    if (last === undefined || rows.length < logPageSize) return lines.join('\n') + '\n';
    afterSeq = last.seq;
  }
}

/** "keywords (as run).csv": the ending stays, for it says what is inside. */
function asRunName(path: string): string {
  const { name, ext } = parse(path);
  return `${name} (as run)${ext}`;
}

export function createHandlers(context: HandlerContext): Handlers {
  const { services, panels, nativeUi, addressOf } = context;
  const { actions, settings, keys } = services;

  /** Its absolute path; refused where there is no file, or one that may not be opened. */
  async function fileOf(imageId: string): Promise<string> {
    const factory = await services.factory();
    const image = factory.image(imageId);
    const stored = fileOfImage(image);
    const uri = stored === null ? null : services.resolvePath(stored);
    if (uri === null) {
      throw new FactoryError('notFound', stored === null ? messages.noFileYet() : messages.fileOutside());
    }
    return uri.fsPath;
  }

  async function imageView(imageId: string): Promise<ImageView> {
    return toImageView((await services.factory()).image(imageId), addressOf);
  }

  return {
    ...exportHandlers(context),

    'session.get': async () => {
      // Opening the factory first, so that what it has to say is in the answer.
      const factory = await services.factory().catch(() => null);
      factory?.prepareReading();
      return services.session();
    },
    'view.open': ({ view, target }) => panels.open(view, target),
    'remedy.apply': ({ remedy }) => actions.applyRemedy(remedy),
    'text.copy': ({ text }) => nativeUi.copy(text),

    'jobs.page': async ({ filter, sort, page }, signal) =>
      (await services.factory()).jobs(filter, sort, page, signal),
    'jobs.count': async ({ filter }, signal) => (await services.factory()).jobCount(filter, signal),
    'jobs.ids': async ({ filter }, signal) => (await services.factory()).jobIds(filter, signal),
    'job.get': async ({ jobId }) => (await services.factory()).job(jobId),
    'job.document': async ({ jobId, input }) => {
      const factory = await services.factory();
      const file = factory.job(jobId).inputs[input];
      return file === null ? null : { path: file.path, content: factory.document(file.sha256) };
    },
    'job.openInput': async ({ jobId, input }) => {
      const factory = await services.factory();
      const file = factory.job(jobId).inputs[input];
      if (file === null) throw new FactoryError('notFound', messages.noSuchFile());
      await nativeUi.showText(asRunName(file.path), factory.document(file.sha256));
    },
    'job.rename': async ({ jobId, label }) => (await services.factory()).rename(jobId, label),
    'job.editSettings': async ({ jobId, settings: values }) => {
      try {
        (await services.factory()).editSettings(jobId, values);
        return { problems: [] };
      } catch (thrown) {
        if (isFactoryError(thrown, 'settings.invalid')) return { problems: [...thrown.problems] };
        throw thrown;
      }
    },
    'statistics.get': async (_, signal) => (await services.factory()).statistics(signal),
    'progress.get': async () => {
      const factory = await services.factory();
      const progress = factory.progress();
      const newest = factory.newestJob();
      const job = progress === null ? newest : factory.job(progress.jobId);
      return { progress, run: factory.activeRun(), job };
    },

    'plan.get': async () => {
      const plan = await settings.plan();
      const values = settings.values();
      return {
        rowCount: plan.rowCount,
        generations: plan.generations,
        images: plan.images,
        estimate: plan.estimate,
        pricesAsOf: plan.pricesAsOf,
        problems: plan.problems,
        warnings: plan.warnings.map(inWords),
        imageProvider: values['provider.image'],
        keywordsFile: values['files.keywordsFile'],
      };
    },
    'job.start': () => actions.startJob(),
    'job.startSample': () => actions.startSampleJob(),
    'job.stop': (what) => actions.stopJob(what),
    'job.forceStop': (what) => actions.forceStopJob(what),
    'job.resume': ({ jobId, changes }) => actions.resumeJob(jobId, changes),
    'jobs.rerun': ({ jobIds }) => actions.rerunJobs(jobIds),
    'job.rerunWithChanges': ({ jobId, changes }) => actions.rerunJobs([jobId], changes),
    'jobs.delete': ({ jobIds }) => actions.deleteJobs(jobIds),
    'queue.get': async () => (await services.factory()).queue(),
    'queue.remove': async ({ runIds }) => (await services.factory()).removeFromQueue(runIds),
    'run.continueWith': ({ runId, changes }) => actions.continueWith(runId, changes),
    'queue.continue': () => actions.continueQueue(),

    'images.page': async ({ filter, sort, page }, signal) => {
      const factory = await services.factory();
      const { items, next } = await factory.images(filter, sort, page, signal);
      return { items: items.map((image) => toTile(image, addressOf)), next };
    },
    'images.counts': async ({ filter }, signal) => (await services.factory()).imageCounts(filter, signal),
    'images.ids': async ({ filter }, signal) => (await services.factory()).imageIds(filter, signal),
    'image.get': ({ imageId }) => imageView(imageId),
    'image.editMetadata': async ({ imageId, ...metadata }) => {
      const image = (await services.factory()).editMetadata(imageId, metadata);
      return toImageView(image, addressOf);
    },
    'image.open': async ({ imageId }) => nativeUi.openFile(await fileOf(imageId)),
    'image.reveal': async ({ imageId }) => nativeUi.reveal(await fileOf(imageId)),
    'image.copyPath': async ({ imageId }) => nativeUi.copy(await fileOf(imageId)),
    'images.delete': ({ imageIds }) => actions.deleteImages(imageIds),
    'images.approve': ({ imageIds }) => actions.approveImages(imageIds),
    'images.approveSoon': ({ imageIds }) => actions.approvals.add(imageIds),
    'approvals.undo': () => {
      actions.approvals.undo();
      return Promise.resolve();
    },
    'images.retry': (request) => actions.retryImages(request),
    'failures.groups': async ({ filter }, signal) => (await services.factory()).failureGroups(filter, signal),
    'slots.failed': async ({ jobId, page }, signal) =>
      (await services.factory()).failedSlots(jobId === undefined ? {} : { jobId }, page, signal),
    'slots.generateAgain': ({ slots }) => actions.generateAgain(slots),
    'trash.undo': async ({ trashId }) => (await services.factory()).undoDelete(trashId),

    'logs.page': async ({ jobId, ...options }) => (await services.factory()).logs(jobId, options),
    'logs.save': async ({ jobId, debug }) => {
      const factory = await services.factory();
      const path = await nativeUi.askSavePath({
        title: 'Save Log',
        defaultPath: `${factory.root}/log_${factory.job(jobId).id.slice(-6)}.txt`,
        filters: { Text: ['txt', 'log'] },
      });
      if (path === null) return false;
      await nativeUi.writeText(path, logText(factory, jobId, debug));
      return true;
    },

    'settings.get': () => ({
      values: settings.values(),
      problems: settings.problems(),
      sources: settings.sources(),
      draft: readDraft(services.remember(draftKey)),
    }),
    'settings.check': ({ values }) => settings.check({ ...settings.values(), ...values }),
    'settings.save': async ({ changes }) => {
      const { problems } = await settings.check({ ...settings.values(), ...changes });
      const own = problems.filter((problem) => problem.key !== null && problem.key in changes);
      if (own.length > 0) return { problems };
      await settings.save(changes);
      await services.keep(draftKey, undefined);
      return { problems };
    },
    'settings.reset': () => settings.reset(),
    'settings.keepDraft': async ({ draft }) => {
      await services.keep(draftKey, draft ?? undefined);
    },
    'settings.pickPath': ({ key }) => settings.pickPath(key),
    'settings.openFile': ({ key }) => settings.openFile(key),
    'settings.openNative': ({ key }) => settings.openNative(key),
    'keys.states': () => keys.states(),
    'keys.set': async ({ provider }) => {
      await keys.set(provider);
      return keys.states();
    },
    'keys.clear': async ({ provider }) => {
      await keys.clear(provider);
      return keys.states();
    },
    'keys.test': ({ provider }) => keys.test(provider),
  };
}
