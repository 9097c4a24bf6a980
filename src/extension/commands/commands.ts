/** Every command by its id: one table. Each works from the palette, and with an argument from trees, menus and views. */
import { commands, l10n, Uri } from 'vscode';
import type { Disposable } from 'vscode';
import { fileOfImage } from '../../engine/model/image.ts';
import type { ImageRecord } from '../../engine/model/image.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import { labelOf } from '../../engine/providers/registry.ts';
import type { ViewName, ViewTarget } from '../../webviews/protocol.ts';
import { approveImages, askRetry, deleteImages, generateAgain } from '../actions/images.ts';
import { exportJobs } from '../actions/exports.ts';
import {
  continueQueue,
  deleteJobs,
  forceStopJob,
  askRename,
  rerunJobs,
  resumeJob,
  stopJob,
} from '../actions/jobs.ts';
import { showingProblems } from '../actions/problems.ts';
import { startJob, startSampleJob } from '../actions/startJob.ts';
import { adoptHistory } from '../actions/adopt.ts';
import { askCleanUp } from '../actions/cleanUp.ts';
import { copyDiagnostics } from '../actions/diagnostics.ts';
import { createSampleWorkspace } from '../actions/sampleWorkspace.ts';
import { startWithFile } from '../actions/keywordFile.ts';
import { requireTrust } from '../actions/trust.ts';
import { showError } from '../errors.ts';
import { failedImages } from '../failedImages.ts';
import { testKey } from '../keyTest.ts';
import { showPromptPreview } from '../language/preview.ts';
import type { Panels } from '../panels/panelServices.ts';
import { clearKey, createActions } from '../createPanelServices.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { calledOnImages, chooseImages, chooseJobs, jobIn, slotsIn } from './targets.ts';
import { showInformationMessage, showWarningMessage } from '../messages.ts';

type Run = (...args: unknown[]) => unknown;

function jobCommands(session: WorkspaceSession, panels: Panels): Record<string, Run> {
  const starting = (start: () => Promise<unknown>): Promise<unknown> => showingProblems(panels, start);
  return {
    startJob: () => starting(() => startJob(session)),
    startJobWithFile: (file) => starting(() => startWithFile(session, file)),
    testWith3Rows: () => starting(() => startJob(session, { firstRows: 3 })),
    startRowsNotDone: () => starting(() => startJob(session, { onlyRowsNotDone: true })),
    startSampleJob: () => starting(() => startSampleJob(session)),
    stopJob: (...args) => stopJob(session, jobIn(args)),
    forceStopJob: (...args) => forceStopJob(session, jobIn(args)),
    resumeJob: async (...args) => {
      requireTrust();
      const statuses = ['interrupted', 'paused', 'stopped'] as const;
      const [jobId] = await chooseJobs(session, args, { title: l10n.t('Resume Job'), statuses });
      if (jobId !== undefined) await resumeJob(session, jobId);
    },
    rerunJob: async (...args) => {
      requireTrust();
      const jobIds = await chooseJobs(session, args, { title: l10n.t('Rerun Job'), many: true });
      if (jobIds.length > 0) await rerunJobs(session, jobIds);
    },
    renameJob: async (...args) => {
      requireTrust();
      const [jobId] = await chooseJobs(session, args, { title: l10n.t('Rename Job') });
      if (jobId !== undefined) await askRename(session, jobId);
    },
    exportJob: async (...args) => {
      requireTrust();
      const jobIds = await chooseJobs(session, args, { title: l10n.t('Export Job'), many: true });
      if (jobIds.length > 0) await exportJobs(session, jobIds);
    },
    deleteJob: async (...args) => {
      requireTrust();
      // The Delete key of the Job History means whatever is selected there.
      if (calledOnImages(args)) return deleteChosenImages(session, args);
      const jobIds = await chooseJobs(session, args, { title: l10n.t('Delete Job'), many: true });
      if (jobIds.length > 0) await deleteJobs(session, jobIds, (ids) => exportJobs(session, ids));
    },
    viewJob: async (...args) => {
      const [jobId] = await chooseJobs(session, args, { title: l10n.t('View Job') });
      if (jobId !== undefined) panels.open('job', { jobId });
    },
    continueQueue: async () => {
      requireTrust();
      await continueQueue(session);
    },
    discardQueue: async () => {
      requireTrust();
      const factory = await session.factory();
      await factory.removeFromQueue(factory.queue().map((run) => run.id));
    },
  };
}

async function deleteChosenImages(session: WorkspaceSession, args: readonly unknown[]): Promise<void> {
  const choice = { title: l10n.t('Delete Images'), filter: {}, many: true };
  const imageIds = await chooseImages(session, args, choice);
  if (imageIds.length > 0) await deleteImages(session, imageIds);
}

function couldBeDelivered(image: ImageRecord): boolean {
  return fileOfImage(image) !== null;
}

function imageCommands(session: WorkspaceSession, panels: Panels): Record<string, Run> {
  return {
    retryFailedImages: async (...args) => {
      requireTrust();
      const title = l10n.t('Retry Failed Images');
      const imageIds = await chooseImages(session, args, { title, filter: failedImages, many: true });
      await askRetry(session, imageIds, (jobId) => panels.open('failed', { jobId }));
    },
    approveFailedImages: async (...args) => {
      requireTrust();
      const title = l10n.t('Approve Failed Images');
      const choice = { title, filter: failedImages, many: true, fits: couldBeDelivered };
      const imageIds = await chooseImages(session, args, choice);
      if (imageIds.length > 0) await approveImages(session, imageIds);
    },
    deleteImages: async (...args) => {
      requireTrust();
      await deleteChosenImages(session, args);
    },
    viewImage: async (...args) => {
      const choice = { title: l10n.t('View Image'), filter: {}, many: false };
      const [imageId] = await chooseImages(session, args, choice);
      if (imageId !== undefined) panels.open('gallery', { imageId });
    },
    generateAgain: async (...args) => {
      requireTrust();
      const slots = await slotsIn(args, await session.factory());
      if (slots.length > 0) await generateAgain(session, slots);
    },
    showInGallery: async (file) => {
      if (!(file instanceof Uri)) return;
      const imageId = await (await session.factory()).imageAt(file.fsPath);
      if (imageId !== null) panels.open('gallery', { imageId });
      else void showInformationMessage(l10n.t('This file is no image of the factory.'));
    },
  };
}

function keyCommands(session: WorkspaceSession): Record<string, Run> {
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
      const text = `${labelOf(provider)}: ${message}`;
      await (ok ? showInformationMessage(text) : showWarningMessage(text));
    },
  };
}

function placeCommands(session: WorkspaceSession, panels: Panels): Record<string, Run> {
  /** In a window with several folders, the one that is meant is asked for once (W4). */
  const open = async (view: ViewName, target: ViewTarget = {}): Promise<void> => {
    await session.askFolder();
    panels.open(view, target);
  };
  return {
    openDashboard: () => open('dashboard'),
    openGallery: () => open('gallery'),
    openJobManagement: () => open('jobs'),
    openFailedImagesReview: () => open('failed'),
    openSettingsEditor: (field) => open('settings', typeof field === 'string' ? { field } : {}),
    previewPrompts: (file) => showPromptPreview(session, file),
    createSampleWorkspace: () => createSampleWorkspace(session),
    cleanUp: () => askCleanUp(session),
    adoptHistory: () => adoptHistory(session),
    copyDiagnostics: () => copyDiagnostics(session),
    chooseFolder: () => session.chooseFolder(),
    showLog: () => session.log.show(),
  };
}

export function registerCommands(session: WorkspaceSession, panels: Panels): Disposable[] {
  const actions = createActions(session, () => panels);
  const applyRemedy = (remedy: Remedy): Promise<void> => actions.applyRemedy(remedy);
  const fail = (thrown: unknown): Promise<void> =>
    showError(thrown, { log: session.log, applyRemedy, root: session.folder()?.uri.fsPath ?? null });
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
        // Who called waits for the command, not for the message to be closed.
        void fail(thrown);
        return undefined;
      }
    }),
  );
  return [...registrations, session.onDidFail((thrown) => void fail(thrown))];
}
