/** Every command by its id: one table. Each works from the palette, and with an argument from trees, menus and views. */
import { commands, l10n, Uri, window } from 'vscode';
import type { Disposable } from 'vscode';
import { approveImages, deleteImages, generateAgain, retryImages } from '../actions/images.ts';
import { exportJobs } from '../actions/exports.ts';
import { deleteJobs, forceStopJob, renameJob, rerunJobs, resumeJob, stopJob } from '../actions/jobs.ts';
import { startJob, startSampleJob } from '../actions/startJob.ts';
import { cleanUp } from '../actions/cleanUp.ts';
import { copyDiagnostics } from '../actions/diagnostics.ts';
import { createSampleWorkspace } from '../actions/sampleWorkspace.ts';
import { startWithFile } from '../actions/keywordFile.ts';
import { showError } from '../errors.ts';
import { testKey } from '../keyTest.ts';
import { previewPrompts } from '../language/preview.ts';
import type { Panels } from '../panels/services.ts';
import { clearKey, createActions } from '../services.ts';
import { serviceNames } from '../../engine/providers/provider.ts';
import type { Session } from '../session.ts';
import { chooseImages, chooseJobs } from './targets.ts';

type Run = (...args: unknown[]) => unknown;

const failedImages = { statuses: ['qcFailed', 'failed', 'retryFailed'] } as const;

function jobCommands(session: Session, panels: Panels): Record<string, Run> {
  return {
    startJob: () => startJob(session),
    startJobWithFile: (file) => startWithFile(session, file),
    testWith3Rows: () => startJob(session, { firstRows: 3 }),
    startRowsNotDone: () => startJob(session, { onlyRowsNotDone: true }),
    startSampleJob: () => startSampleJob(session),
    stopJob: () => stopJob(session),
    forceStopJob: () => forceStopJob(session),
    resumeJob: async (...args) => {
      const statuses = ['interrupted', 'paused', 'stopped'] as const;
      const [jobId] = await chooseJobs(session, args, { title: l10n.t('Resume Job'), statuses });
      if (jobId !== undefined) await resumeJob(session, jobId);
    },
    rerunJob: async (...args) => {
      const jobIds = await chooseJobs(session, args, { title: l10n.t('Rerun Job'), many: true });
      if (jobIds.length > 0) await rerunJobs(session, jobIds);
    },
    renameJob: async (...args) => {
      const [jobId] = await chooseJobs(session, args, { title: l10n.t('Rename Job') });
      if (jobId !== undefined) await renameJob(session, jobId);
    },
    exportJob: async (...args) => {
      const jobIds = await chooseJobs(session, args, { title: l10n.t('Export Job'), many: true });
      if (jobIds.length > 0) await exportJobs(session, jobIds);
    },
    deleteJob: async (...args) => {
      const jobIds = await chooseJobs(session, args, { title: l10n.t('Delete Job'), many: true });
      if (jobIds.length > 0) await deleteJobs(session, jobIds, (ids) => exportJobs(session, ids));
    },
    viewJob: async (...args) => {
      const [jobId] = await chooseJobs(session, args, { title: l10n.t('View Job') });
      if (jobId !== undefined) panels.open('job', { jobId });
    },
    continueQueue: async () => (await session.factory()).continueQueue(),
    discardQueue: async () => {
      const factory = await session.factory();
      factory.removeFromQueue(factory.queue().map((run) => run.id));
    },
  };
}

function imageCommands(session: Session, panels: Panels): Record<string, Run> {
  return {
    retryFailedImages: async (...args) => {
      const imageIds = await chooseImages(session, args, {
        title: l10n.t('Retry Failed Images'),
        filter: failedImages,
      });
      if (imageIds.length === 0) return;
      await retryImages(session, { imageIds, settings: 'original', regenerateMetadata: false });
    },
    approveFailedImages: async (...args) => {
      const imageIds = await chooseImages(session, args, {
        title: l10n.t('Approve Failed Images'),
        filter: failedImages,
      });
      if (imageIds.length > 0) await approveImages(session, imageIds);
    },
    deleteImages: async (...args) => {
      const imageIds = await chooseImages(session, args, { title: l10n.t('Delete Images'), filter: {} });
      if (imageIds.length > 0) await deleteImages(session, imageIds);
    },
    viewImage: async (...args) => {
      const [imageId] = await chooseImages(session, args, { title: l10n.t('View Image'), filter: {} });
      if (imageId !== undefined) panels.open('gallery', { imageId });
    },
    generateAgain: async (slot) => {
      const { jobId, generation, variation } = slot as Record<string, unknown>;
      if (typeof jobId !== 'string' || typeof generation !== 'number' || typeof variation !== 'number')
        return;
      await generateAgain(session, [{ jobId, generation, variation }]);
    },
    showInGallery: async (file) => {
      if (!(file instanceof Uri)) return;
      const imageId = (await session.factory()).imageAt(file.fsPath);
      if (imageId !== null) panels.open('gallery', { imageId });
      else void window.showInformationMessage(l10n.t('This file is no image of the factory.'));
    },
  };
}

function keyCommands(session: Session): Record<string, Run> {
  return {
    setApiKey: async () => {
      const provider = await session.keys.pickProvider(l10n.t('Set API Key'));
      if (provider !== null) await session.keys.ask(provider);
    },
    clearApiKey: async () => {
      const provider = await session.keys.pickProvider(l10n.t('Clear API Key'));
      if (provider !== null) await clearKey(session, provider);
    },
    testApiKey: async () => {
      const provider = await session.keys.pickProvider(l10n.t('Test API Key'));
      if (provider === null) return;
      const { ok, message } = await testKey(session, provider);
      const text = `${serviceNames[provider]}: ${message}`;
      await (ok ? window.showInformationMessage(text) : window.showWarningMessage(text));
    },
  };
}

function placeCommands(session: Session, panels: Panels): Record<string, Run> {
  return {
    openDashboard: () => panels.open('dashboard'),
    openGallery: () => panels.open('gallery'),
    openJobManagement: () => panels.open('jobs'),
    openFailedImagesReview: () => panels.open('failed'),
    openSettingsEditor: (field) => panels.open('settings', typeof field === 'string' ? { field } : {}),
    previewPrompts: (file) => previewPrompts(session, file),
    createSampleWorkspace: () => createSampleWorkspace(session),
    cleanUp: () => cleanUp(session),
    copyDiagnostics: () => copyDiagnostics(session),
    chooseFolder: () => session.chooseFolder(),
    showLog: () => session.log.show(),
  };
}

export function registerCommands(session: Session, panels: Panels): Disposable[] {
  const actions = createActions(session, () => panels);
  const fail = (thrown: unknown): Promise<void> =>
    showError(thrown, session.log, (wayOut) => actions.takeWayOut(wayOut));
  const table = {
    ...jobCommands(session, panels),
    ...imageCommands(session, panels),
    ...keyCommands(session),
    ...placeCommands(session, panels),
  };
  const registrations = Object.entries(table).map(([name, run]) =>
    commands.registerCommand(`genImageFactory.${name}`, async (...args: unknown[]) => {
      try {
        return await run(...args);
      } catch (thrown) {
        await fail(thrown);
        return undefined;
      }
    }),
  );
  return [...registrations, session.onDidFail((thrown) => void fail(thrown))];
}
