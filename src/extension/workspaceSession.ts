/** The workspace folder that this window works on, and the factory opened on it when it is first needed. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Disposable, Event, ExtensionContext, LogOutputChannel, WorkspaceFolder } from 'vscode';
import { EventEmitter, env, l10n, Uri, window, workspace } from 'vscode';
import { createShown } from '../engine/files/shown.ts';
import type { Shown } from '../engine/files/shown.ts';
import { storeFolder, thumbnailFolder } from '../engine/model/storeFolder.ts';
import type { Factory } from '../engine/factory.ts';
import { FactoryError, isFactoryError } from '../engine/model/errors.ts';
import { inWords, spoken } from '../engine/model/message.ts';
import type { FactoryEvent } from '../engine/model/events.ts';
import type { Settings } from '../engine/settings/settings.ts';
import type { SessionState } from '../webviews/protocol.ts';
import { Configuration, folderKeys } from './configuration.ts';
import { channelLogger, logFactoryEvent } from './log.ts';
import { Keys } from './secrets.ts';

const folderMemory = 'session.folder';

interface Opening {
  root: string;
  done: Promise<Factory>;
}

export class WorkspaceSession implements Disposable {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly configuration: Configuration;
  readonly keys: Keys;

  readonly #events = new EventEmitter<FactoryEvent>();
  readonly #changed = new EventEmitter<SessionState>();
  readonly #opened = new EventEmitter<Factory>();
  readonly #failed = new EventEmitter<unknown>();
  readonly #subscriptions: Disposable[] = [];
  #opening: Opening | null = null;
  #current: Factory | null = null;
  /** The factory before, until it has let go of the store. */
  #closing: Promise<void> = Promise.resolve();
  #choosing: Promise<WorkspaceFolder> | null = null;
  #notice: string | null = null;
  #ended = false;
  /** The next opening takes over a history from elsewhere. */
  #adopting = false;
  /** Counts closings: what was being opened before one is not used after it. */
  #closings = 0;
  /** As the open factory uses them. */
  #endpoints = '';
  #folders: { root: string; settings: Settings; uris: Uri[] } | null = null;
  #shown: { root: string; shown: Shown } | null = null;

  readonly onFactoryEvent: Event<FactoryEvent> = this.#events.event;
  readonly onDidChange: Event<SessionState> = this.#changed.event;
  /** Fires once for each factory that was opened. */
  readonly onDidOpen: Event<Factory> = this.#opened.event;
  /** What went wrong in work that nobody waits for; shown like the failure of a command. */
  readonly onDidFail: Event<unknown> = this.#failed.event;

  constructor(context: ExtensionContext, log: LogOutputChannel) {
    this.context = context;
    this.log = log;
    this.configuration = new Configuration(context.workspaceState, () => this.folder());
    this.keys = new Keys(context.secrets, () => this.configuration.endpoints(), process.env);
    this.#subscriptions.push(
      this.configuration,
      this.keys,
      this.configuration.onDidChange(() => {
        this.#changed.fire(this.state());
        void this.#useEndpoints();
      }),
      workspace.onDidGrantWorkspaceTrust(() => void this.#reopen()),
      workspace.onDidChangeWorkspaceFolders(() => {
        this.configuration.useFolder();
        void this.#onFolders();
      }),
    );
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#events.dispose();
    this.#changed.dispose();
    this.#opened.dispose();
    this.#failed.dispose();
  }

  /** Something that `state` does not hold has changed: what shows the window looks again. */
  announce(): void {
    this.#changed.fire(this.state());
  }

  fail(thrown: unknown): void {
    this.#failed.fire(thrown);
  }

  /** The folder in use: the only one, or the one that was chosen for this window; null before that. */
  folder(): WorkspaceFolder | null {
    const folders = (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    if (folders.length <= 1) return folders[0] ?? null;
    const chosen = this.context.workspaceState.get<string>(folderMemory);
    return folders.find((folder) => folder.uri.toString() === chosen) ?? null;
  }

  /** As `folder`, asking once in a window with several. Fails with `noFolder`, or `cancelled` by the user. */
  async askFolder(): Promise<WorkspaceFolder> {
    return this.folder() ?? this.chooseFolder();
  }

  /**
   * Asks which folder of a window with several is worked on; the choice is remembered for the window (W4).
   * Fails like `askFolder`.
   */
  async chooseFolder(): Promise<WorkspaceFolder> {
    // VS Code's list would say nothing and be as if it had been cancelled.
    if ((workspace.workspaceFolders ?? []).length === 0) throw noFolder();
    // Whoever else needs a folder meanwhile waits for the same answer.
    this.#choosing ??= this.#choose().finally(() => (this.#choosing = null));
    return this.#choosing;
  }

  async #choose(): Promise<WorkspaceFolder> {
    const picked = await window.showWorkspaceFolderPick({
      placeHolder: l10n.t('Folder that Gen Image Factory works in'),
    });
    if (picked === undefined) throw new FactoryError('cancelled', spoken(l10n.t('No folder was chosen.')));
    if (picked.uri.scheme !== 'file') {
      throw new FactoryError(
        'noFolder',
        spoken(l10n.t('"{0}" is not on a disk. Choose another folder.', picked.name)),
      );
    }
    await this.context.workspaceState.update(folderMemory, picked.uri.toString());
    this.configuration.useFolder();
    await this.#onFolders();
    await this.openUnfinished();
    return picked;
  }

  state(): SessionState {
    return {
      folder: this.folder()?.name ?? null,
      trusted: workspace.isTrusted,
      notice: this.#notice,
      foreign: this.foreign,
      language: env.language,
      debugMode: this.configuration.read().settings['advanced.debugMode'],
    };
  }

  /** Why the store can only be read, was set aside or could not be opened; null when all is well. */
  get notice(): string | null {
    return this.#notice;
  }

  /** True while the open history is from elsewhere. */
  get foreign(): boolean {
    return (this.#current?.foreign ?? null) !== null;
  }

  /** True where the folder has a store already: a history to show. */
  hasStore(): boolean {
    const folder = this.folder();
    return folder !== null && existsSync(join(folder.uri.fsPath, storeFolder, 'factory.db'));
  }

  /** The factory if it is open. */
  current(): Factory | null {
    return this.#current;
  }

  /** The factory, opened on first need; asks for the folder where that is not clear. In an untrusted workspace it can only read (S6). */
  async factory(): Promise<Factory> {
    return this.#factoryOf(await this.askFolder());
  }

  /** As `factory`, for views that came back by themselves: they never ask. */
  async factoryUnasked(): Promise<Factory> {
    const folder = this.folder();
    if (folder !== null) return this.#factoryOf(folder);
    if ((workspace.workspaceFolders ?? []).length === 0) throw noFolder();
    throw new FactoryError(
      'notFound',
      spoken(l10n.t('This window has several folders. Run "Choose Folder…" to say which one is worked in.')),
    );
  }

  async #factoryOf(folder: WorkspaceFolder): Promise<Factory> {
    const root = folder.uri.fsPath;
    if (this.#ended) throw new FactoryError('cancelled', spoken(l10n.t('The window is closing.')));
    // What is written into a store that was deleted would be gone with the window.
    const deleted = this.#current !== null && workspace.isTrusted && !this.hasStore();
    if (this.#opening?.root === root && !deleted) return this.#opening.done;
    const closed = this.close();
    const closings = this.#closings;
    const done = closed.then(() => this.#open(root, closings));
    const opening = { root, done };
    this.#opening = opening;
    done.catch((thrown: unknown) => {
      if (this.#opening !== opening) return;
      this.#opening = null;
      // Views that show what there is show this instead.
      const notice = isFactoryError(thrown) && thrown.code !== 'untrusted' ? thrown.message : null;
      if (notice === this.#notice) return;
      this.#notice = notice;
      this.#changed.fire(this.state());
    });
    return done;
  }

  async #open(root: string, closings: number): Promise<Factory> {
    if (!workspace.isTrusted && !this.hasStore()) {
      throw new FactoryError(
        'untrusted',
        spoken(l10n.t('This workspace is not trusted, and it has no history yet.')),
      );
    }
    const { openFactory } = await import('../engine/factory.ts');
    const endpoints = this.configuration.endpoints();
    this.#endpoints = JSON.stringify(endpoints);
    const factory = await openFactory({
      root,
      endpoints,
      // For the address that this factory uses, whatever is configured by then.
      keys: (provider) => this.keys.read(provider, endpoints[provider]),
      readOnly: !workspace.isTrusted,
      adopt: this.#adopting,
      maxCostPerJob: () => this.configuration.maxCostPerJob(),
      folders: () => this.configuration.userFolders(),
      // Where VS Code's own proxy support is on, it takes the place of these.
      environment: process.env,
      logger: channelLogger(this.log),
    });
    if (closings !== this.#closings) return factory;
    factory.onEvent((event) => {
      logFactoryEvent(this.log, event);
      this.#events.fire(event);
      if (event.kind === 'run' && event.run.status !== 'running') void this.#useEndpoints();
    });
    this.#current = factory;
    this.#notice = factory.notice === null ? null : inWords(factory.notice);
    this.#opened.fire(factory);
    this.#changed.fire(this.state());
    return factory;
  }

  /** After a crash or a reload there may be work to offer again: then, and only then, the store opens by itself (J4). */
  async openUnfinished(): Promise<void> {
    const folder = this.folder();
    if (folder === null || !workspace.isTrusted || !this.hasStore()) return;
    try {
      if (!existsSync(join(folder.uri.fsPath, storeFolder, 'lease.json'))) return;
      const { readLeaseFile } = await import('../engine/store/leaseFile.ts');
      const lease = readLeaseFile(folder.uri.fsPath);
      if (lease !== null && lease.unfinished > 0) await this.factory();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** New addresses of the services count as soon as nothing works here: then the factory is opened anew. */
  async #useEndpoints(): Promise<void> {
    const factory = this.#current;
    if (factory === null || JSON.stringify(this.configuration.endpoints()) === this.#endpoints) return;
    // Closing would hold what waits here.
    if (!factory.ownsActiveRun() && factory.queue().length === 0) await this.#reopen();
  }

  /** Folders beside ours may come and go; only losing ours closes the store. */
  async #onFolders(): Promise<void> {
    if (this.#opening !== null && this.folder()?.uri.fsPath !== this.#opening.root) await this.#reopen();
    else this.#changed.fire(this.state());
  }

  async #reopen(): Promise<void> {
    try {
      const had = this.#opening !== null;
      await this.close();
      this.#changed.fire(this.state());
      if (had && this.folder() !== null) await this.factory();
      else await this.openUnfinished();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** Opens the history anew as this user's own; to be called when the user has said so. */
  async adopt(): Promise<void> {
    await this.close();
    this.#adopting = true;
    try {
      await this.factory();
    } finally {
      this.#adopting = false;
    }
  }

  /** Work stops within a bound and can be resumed. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    this.#current = null;
    this.#notice = null;
    this.#closings += 1;
    if (opening !== null) {
      this.#closing = Promise.all([
        this.#closing,
        opening.done.then(
          (factory) => factory.close(),
          () => undefined, // A store that was never open has nothing to close.
        ),
      ]).then(() => undefined);
    }
    await this.#closing;
  }

  /** The window closes: nothing is opened any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.close();
  }

  /**
   * Thumbnails, output and temp folder: all that a view may load images from. In an untrusted workspace VS Code
   * leaves the workspace's own folders out of the settings.
   */
  imageFolders(): Uri[] {
    const folder = this.folder();
    if (folder === null) return [];
    const root = folder.uri.fsPath;
    const { settings } = this.configuration.read();
    // Asked for every image of a page.
    if (this.#folders?.root !== root || this.#folders.settings !== settings) {
      const uris = [
        join(root, thumbnailFolder),
        ...folderKeys.map((key) => resolve(root, settings[key].trim())),
      ]
        .filter((path) => this.#shownOf(root).folder(path))
        .map((path) => Uri.file(path));
      this.#folders = { root, settings, uris };
    }
    return this.#folders.uris;
  }

  #shownOf(root: string): Shown {
    if (this.#shown?.root !== root) {
      this.#shown = { root, shown: createShown({ root, folders: () => this.configuration.userFolders() }) };
    }
    return this.#shown.shown;
  }

  /** The user has named these folders for images of the workspace: from now on they count, wherever they lie. */
  async chooseFolders(folders: readonly string[]): Promise<void> {
    const root = this.folder()?.uri.fsPath;
    if (root === undefined) return;
    const { chooseFolder } = await import('../engine/factory.ts');
    for (const folder of folders) chooseFolder(root, resolve(root, folder.trim()));
    this.#folders = null;
  }

  /** Absolute place of a path as the store keeps it; null for what is no image of the workspace or its folders. */
  resolvePath(stored: string): Uri | null {
    const folder = this.folder();
    if (folder === null) return null;
    const path = this.#shownOf(folder.uri.fsPath).file(stored);
    return path === null ? null : Uri.file(path);
  }
}

function noFolder(): FactoryError {
  return new FactoryError(
    'noFolder',
    spoken(l10n.t('No folder is open. Open a folder to make images in it.')),
  );
}
