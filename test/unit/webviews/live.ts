/** A view's client on a real factory: the same channel and handlers as in a panel, over a wire that clones messages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Uri } from 'vscode';
import { openFactory } from '../../../src/engine/factory.ts';
import { silentLogger } from '../../../src/engine/model/logger.ts';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { gatherApprovals } from '../../../src/extension/actions/approvals.ts';
import type { Channel } from '../../../src/extension/panels/channel.ts';
import { openChannel, toWireError } from '../../../src/extension/panels/channel.ts';
import type { NativeUi } from '../../../src/extension/panels/nativeUi.ts';
import { exportCenter } from '../../../src/extension/panels/exportCenter.ts';
import { createHandlers } from '../../../src/extension/panels/handlers.ts';
import { noticeOf } from '../../../src/extension/panels/notices.ts';
import type { Actions, PanelServices } from '../../../src/extension/panels/panelServices.ts';
import type { Host } from '../../../src/webviews/client.ts';
import { connectToHost } from '../../../src/webviews/client.ts';
import type { ToHost, ToView } from '../../../src/webviews/protocol.ts';
import { generateStore } from '../../bench/generateStore.mts';
import { agreeing } from '../../support/engine/agreeing.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { fakeEndpoints } from '../../support/providers/fakes.ts';
import { wordsOf } from '../../support/engine/said.ts';

export interface Live {
  root: string;
  factory: Agreeing;
  host: Host;
  channel: Channel;
  /** Everything that crossed, as JSON would show it. */
  toView: ToView[];
  toHost: ToHost[];
  /** What the desk was asked: `copy text`, `open path`, `reveal path`. */
  desk: string[];
  logged: string[];
  close(): Promise<void>;
}

const nothing = { dispose: () => undefined };

/** Actions as a user who always agrees would have them. */
function agreeingActions(factory: Agreeing): Actions {
  return {
    startJob: async () => ({ jobId: (await factory.start({ settings: defaultSettings() })).id }),
    startSampleJob: async () => ({ jobId: (await factory.start({ settings: defaultSettings() })).id }),
    stopJob: () => factory.stop(),
    forceStopJob: async () => {
      await factory.forceStop();
      return true;
    },
    resumeJob: async (jobId, changes) => (await factory.resume(jobId, changes)).status !== 'failed',
    continueQueue: async () => {
      await factory.continueQueue();
      return true;
    },
    continueWith: async (runId, changes) => (await factory.continueWith(runId, changes)).total > 0,
    rerunJobs: async (jobIds, changes) => (await factory.rerun(jobIds, changes)).length > 0,
    deleteJobs: (jobIds) => factory.deleteJobs(jobIds),
    deleteImages: (imageIds) => factory.deleteImages(imageIds),
    approveImages: async (imageIds) => (await factory.approve(imageIds)).total > 0,
    approvals: gatherApprovals({
      approvable: (imageIds) => factory.approvable(imageIds),
      approve: async (imageIds) => (await factory.approve(imageIds)).total > 0,
    }),
    retryImages: async (request) => (await factory.retry(request)).total > 0,
    generateAgain: async (slots) => (await factory.generateAgain(slots)).total > 0,
    applyRemedy: () => Promise.resolve(),
  };
}

/** A workspace with so many generated images, open in a factory, with one view connected to it. */
export async function openLive(images: number, options: { refuse?: boolean } = {}): Promise<Live> {
  const root = mkdtempSync(join(tmpdir(), 'factory-views-'));
  await generateStore({ root, images, jobs: 3, imageFiles: 2, ownFiles: Math.min(images, 20) });
  const strict = await openFactory({
    root,
    endpoints: fakeEndpoints(),
    keys: () => Promise.resolve(null),
    logger: silentLogger,
  });
  const factory = agreeing(strict);
  const logged: string[] = [];
  const asked: string[] = [];
  const desk: NativeUi = {
    copy: (text) => Promise.resolve(void asked.push(`copy ${text}`)),
    openFile: (path) => Promise.resolve(void asked.push(`open ${path}`)),
    reveal: (path) => Promise.resolve(void asked.push(`reveal ${path}`)),
    askSavePath: () => Promise.resolve(null),
    writeText: (path) => Promise.resolve(void asked.push(`write ${path}`)),
    showText: (title) => Promise.resolve(void asked.push(`show ${title}`)),
  };
  const kept = new Map<string, unknown>();
  const resolved = (stored: string): Uri => ({ fsPath: join(root, stored) }) as unknown as Uri;
  const services: PanelServices = {
    extensionUri: resolved('.'),
    factory: () => Promise.resolve(strict),
    onFactoryEvent: (listener) => ({ dispose: factory.onEvent(listener) }),
    session: () => ({
      folder: 'folder',
      trusted: true,
      notice: factory.notice === null ? null : wordsOf(factory.notice),
      language: 'en',
      foreign: false,
      debugMode: false,
    }),
    onDidChangeSession: () => nothing,
    imageFolders: () => [],
    resolvePath: (stored) => (options.refuse === true ? null : resolved(stored)),
    actions: agreeingActions(factory),
    settings: {
      values: defaultSettings,
      problems: () => [],
      sources: () => ({}),
      check: () => Promise.resolve({ problems: [], rowCount: null }),
      plan: () => factory.plan({ settings: defaultSettings() }),
      save: () => Promise.resolve(),
      reset: () => Promise.resolve(false),
      pickPath: () => Promise.resolve(null),
      openFile: () => Promise.resolve(),
      openNative: () => Promise.resolve(),
      onDidChange: () => nothing,
    },
    keys: {
      states: () => Promise.resolve([]),
      set: () => Promise.resolve(),
      clear: () => Promise.resolve(),
      test: () => Promise.resolve({ ok: true, message: '' }),
      onDidChange: () => nothing,
    },
    remember: (key) => kept.get(key),
    keep: (key, value) => Promise.resolve(void kept.set(key, value)),
    log: (message) => void logged.push(message),
  };
  const exports = exportCenter((thrown) => toWireError(thrown, (message) => void logged.push(message)));
  const addressOf = (stored: string): string => `view:/${stored}`;
  const toView: ToView[] = [];
  const toHost: ToHost[] = [];
  let deliver: (message: unknown) => void = () => undefined;
  const channel = openChannel({
    post(message) {
      const clone = structuredClone(message);
      toView.push(clone);
      setImmediate(() => deliver(clone));
    },
    handlers: createHandlers({
      services,
      panels: { open: () => undefined },
      exports,
      nativeUi: desk,
      addressOf,
    }),
    log: (message) => void logged.push(message),
  });
  const stop = factory.onEvent((event: FactoryEvent) => channel.notify(noticeOf(event, addressOf)));
  let state: unknown;
  const host = connectToHost({
    post(message) {
      const clone = structuredClone(message);
      toHost.push(clone);
      channel.receive(clone);
    },
    listen: (listener) => (deliver = listener),
    getState: () => state,
    setState: (next) => (state = next),
  });
  return {
    root,
    factory,
    host,
    channel,
    toView,
    toHost,
    desk: asked,
    logged,
    async close() {
      stop();
      channel.dispose();
      exports.dispose();
      await factory.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
