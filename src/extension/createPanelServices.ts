/** What the panels need of the rest of the extension, put together from the session and the actions. */
import { isAbsolute, join, resolve } from 'node:path';
import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { JobPlan } from '../engine/factory.ts';
import { toStored } from '../engine/files/inside.ts';
import type { Remedy } from '../engine/providers/remedies.ts';
import type { KeyedProvider } from '../engine/providers/registry.ts';
import { keyedProviders, labelOf } from '../engine/providers/registry.ts';
import {
  checkSettings,
  definitionOf,
  isSettingKey,
  settingKeyPrefix,
  type Settings,
} from '../engine/settings/settings.ts';
import { gatherApprovals } from './actions/approvals.ts';
import { approveImages, deleteImages, generateAgain, retryImages } from './actions/images.ts';
import { exportJobs } from './actions/exports.ts';
import {
  continueQueue,
  continueWith,
  deleteJobs,
  forceStopJob,
  rerunJobs,
  resumeJob,
  stopJob,
} from './actions/jobs.ts';
import { showingProblems } from './actions/problems.ts';
import { startJob, startSampleJob } from './actions/startJob.ts';
import { testKey } from './keyTest.ts';
import type { Actions, KeyAccess, Panels, PanelServices, SettingsAccess } from './panels/panelServices.ts';
import type { WorkspaceSession } from './workspaceSession.ts';
import { folderKeys } from './configuration.ts';
import { showWarningMessage } from './messages.ts';

export function createActions(session: WorkspaceSession, panels: () => Panels): Actions {
  return {
    startJob: () => showingProblems(panels(), () => startJob(session)),
    startSampleJob: () => showingProblems(panels(), () => startSampleJob(session)),
    stopJob: (what) => stopJob(session, what),
    forceStopJob: (what) => forceStopJob(session, what),
    resumeJob: (jobId, changes) => resumeJob(session, jobId, changes),
    continueQueue: () => continueQueue(session),
    continueWith: (runId, changes) => continueWith(session, runId, changes),
    rerunJobs: (jobIds, changes) => rerunJobs(session, jobIds, changes),
    deleteJobs: (jobIds) => deleteJobs(session, jobIds, (ids) => exportJobs(session, ids)),
    deleteImages: (imageIds) => deleteImages(session, imageIds),
    approveImages: (imageIds) => approveImages(session, imageIds),
    approvals: gatherApprovals({
      approvable: async (imageIds) => (await session.factory()).approvable(imageIds),
      approve: (imageIds) => approveImages(session, imageIds),
    }),
    retryImages: (request) => retryImages(session, request),
    generateAgain: (slots) => generateAgain(session, slots),
    applyRemedy: (remedy) => applyRemedy(session, panels(), remedy),
  };
}

async function applyRemedy(session: WorkspaceSession, panels: Panels, remedy: Remedy): Promise<void> {
  switch (remedy.kind) {
    case 'setKey': {
      const provider = keyedProviders.find((name) => name === remedy.provider);
      if (provider !== undefined) await session.keys.ask(provider);
      return;
    }
    case 'openSettings':
      panels.open('settings', remedy.field === null ? {} : { field: remedy.field });
      return;
    case 'openFolder':
      await commands.executeCommand('workbench.action.files.openFolder');
      return;
    case 'trustWorkspace':
      await commands.executeCommand('workbench.trust.manage');
      return;
    case 'adoptHistory':
      await commands.executeCommand('genImageFactory.adoptHistory');
      return;
    case 'editPrompt':
      await openSettingFile(session, 'files.systemPromptFile', panels);
      return;
    case 'cleanUp':
      await commands.executeCommand('genImageFactory.cleanUp');
      return;
    case 'showLog':
      session.log.show();
      return;
    case 'reload':
      return;
  }
}

function absolute(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

/** Opens the file of a setting; the settings editor at that field where there is none. */
async function openSettingFile(session: WorkspaceSession, key: string, panels: Panels): Promise<void> {
  const folder = await session.askFolder();
  const { settings } = session.configuration.read();
  const value = isSettingKey(key) ? settings[key] : '';
  if (typeof value !== 'string' || value === '') {
    panels.open('settings', { field: key });
    return;
  }
  await commands.executeCommand('vscode.open', Uri.file(absolute(folder.uri.fsPath, value)));
}

/** VS Code's own dialog; inside the folder the answer is relative with forward slashes. */
async function pickPath(session: WorkspaceSession, key: string): Promise<string | null> {
  if (!isSettingKey(key)) return null;
  const definition = definitionOf(key);
  if (definition.kind !== 'path') return null;
  const folder = await session.askFolder();
  const root = folder.uri.fsPath;
  const picked = await window.showOpenDialog({
    title: definition.label,
    defaultUri: folder.uri,
    canSelectFiles: definition.pick === 'file',
    canSelectFolders: definition.pick === 'folder',
    canSelectMany: false,
    ...(definition.extensions.length === 0
      ? {}
      : { filters: { [definition.label]: definition.extensions.map((ending) => ending.slice(1)) } }),
  });
  const path = picked?.[0]?.fsPath;
  if (path === undefined) return null;
  if (folderKeys.some((one) => one === key)) await session.chooseFolders([path]);
  return toStored(root, path);
}

function createSettingsAccess(session: WorkspaceSession, panels: () => Panels): SettingsAccess {
  const { configuration } = session;
  async function planOf(settings: Settings, folders: readonly string[] = []): Promise<JobPlan> {
    return (await session.factoryUnasked()).plan({ settings, entered: folders });
  }
  /** Folders in the form that are not the settings' own: the user has entered them. */
  function entered(values: Partial<Settings>): string[] {
    const root = session.folder()?.uri.fsPath;
    const before = configuration.read().settings;
    return folderKeys
      .map((key) => (values[key] === before[key] ? undefined : values[key]))
      .flatMap((folder) => (folder === undefined || root === undefined ? [] : resolve(root, folder.trim())));
  }
  return {
    values: () => configuration.read().settings,
    problems: () => configuration.read().problems,
    sources: () => configuration.sources(),
    async check(values) {
      // Files are not read where nothing may start; what the values themselves tell is still said.
      if (!workspace.isTrusted || session.foreign) return { problems: checkSettings(values), rowCount: null };
      const plan = await planOf(values, entered(values));
      return { problems: plan.problems, rowCount: plan.rowCount };
    },
    plan: () => planOf(configuration.read().settings),
    async save(changes) {
      await session.chooseFolders(entered(changes));
      await configuration.save(changes);
    },
    async reset() {
      const keep = l10n.t('Keep API Keys');
      const remove = l10n.t('Also Remove API Keys');
      const chosen = await showWarningMessage(
        l10n.t('Reset all settings of this folder?'),
        { modal: true, detail: l10n.t('Every setting goes back to its default or to your user settings.') },
        keep,
        remove,
      );
      if (chosen === undefined) return false;
      await configuration.reset();
      if (chosen === remove) await session.keys.clearAll();
      return true;
    },
    pickPath: (key) => pickPath(session, key),
    openFile: (key) => openSettingFile(session, key, panels()),
    async openNative(key) {
      const query = key === null ? `@ext:${session.context.extension.id}` : `${settingKeyPrefix}${key}`;
      // Our values are the workspace's; the addresses of the services are settings of the computer.
      const ofWorkspace = key === null || isSettingKey(key);
      const target = ofWorkspace ? 'openWorkspaceSettings' : 'openSettings';
      await commands.executeCommand(`workbench.action.${target}`, query);
    },
    onDidChange: configuration.onDidChange,
  };
}

function createKeyAccess(session: WorkspaceSession): KeyAccess {
  const { keys } = session;
  return {
    states: () => keys.states(),
    async set(provider) {
      await keys.ask(provider);
    },
    clear: (provider) => clearKey(session, provider),
    test: (provider) => testKey(session, provider),
    onDidChange: keys.onDidChange,
  };
}

/** Asks first: a cleared key cannot be brought back. */
export async function clearKey(session: WorkspaceSession, provider: KeyedProvider): Promise<void> {
  const yes = l10n.t('Clear Key');
  const chosen = await showWarningMessage(
    l10n.t('Clear the {0} API key?', labelOf(provider)),
    { modal: true, detail: l10n.t('VS Code forgets the key. Jobs that need it ask for it again.') },
    yes,
  );
  if (chosen === yes) await session.keys.clear(provider);
}

export function createPanelServices(session: WorkspaceSession, panels: () => Panels): PanelServices {
  const state = session.context.workspaceState;
  return {
    extensionUri: session.context.extensionUri,
    factory: () => session.factoryUnasked(),
    onFactoryEvent: session.onFactoryEvent,
    session: () => session.state(),
    onDidChangeSession: session.onDidChange,
    imageFolders: () => session.imageFolders(),
    resolvePath: (stored) => session.resolvePath(stored),
    actions: createActions(session, panels),
    settings: createSettingsAccess(session, panels),
    keys: createKeyAccess(session),
    remember: (key) => state.get(key),
    keep: (key, value) => state.update(key, value),
    log: (message) => session.log.info(message),
  };
}
