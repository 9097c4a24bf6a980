/** The workspace folder that this window works on, and the factory opened on it when it is first needed. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Disposable, Event, ExtensionContext, LogOutputChannel, WorkspaceFolder } from 'vscode';
import { EventEmitter, env, l10n, Uri, window, workspace } from 'vscode';
import type { Factory } from '../engine/factory.ts';
import { FactoryError } from '../engine/model/errors.ts';
import type { FactoryEvent } from '../engine/model/events.ts';
import type { SessionState } from '../webviews/protocol.ts';
import { Configuration } from './configuration.ts';
import { logFactoryEvent } from './log.ts';
import { Keys } from './secrets.ts';

const folderMemory = 'session.folder';
const storeFolder = '.gen-image-factory';

export class Session implements Disposable {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly configuration: Configuration;
  readonly keys: Keys;

  readonly #events = new EventEmitter<FactoryEvent>();
  readonly #changed = new EventEmitter<SessionState>();
  readonly #opened = new EventEmitter<Factory>();
  readonly #failed = new EventEmitter<unknown>();
  readonly #subscriptions: Disposable[] = [];
  #factory: { root: string; opening: Promise<Factory> } | null = null;
  #notice: string | null = null;
  /** As the open factory uses them. */
  #endpoints = '';

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
      this.configuration.onDidChange(() => void this.#onConfiguration()),
      workspace.onDidGrantWorkspaceTrust(() => void this.#reopen()),
      workspace.onDidChangeWorkspaceFolders(() => void this.#onFolders()),
    );
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#events.dispose();
    this.#changed.dispose();
    this.#opened.dispose();
    this.#failed.dispose();
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

  /** As `folder`, asking once in a window with several folders. FactoryError where there is none. */
  async askFolder(): Promise<WorkspaceFolder> {
    const folder = this.folder();
    if (folder !== null) return folder;
    if ((workspace.workspaceFolders ?? []).length === 0) {
      throw new FactoryError('notFound', l10n.t('No folder is open. Open a folder to make images in it.'));
    }
    return this.chooseFolder();
  }

  /** Asks which folder of a window with several is worked on; the choice is remembered for the window. */
  async chooseFolder(): Promise<WorkspaceFolder> {
    const picked = await window.showWorkspaceFolderPick({
      placeHolder: l10n.t('Folder that Gen Image Factory works in'),
    });
    if (picked === undefined) {
      throw new FactoryError('cancelled', l10n.t('No folder was chosen.'));
    }
    await this.context.workspaceState.update(folderMemory, picked.uri.toString());
    await this.#onFolders();
    return picked;
  }

  state(): SessionState {
    return {
      folder: this.folder()?.name ?? null,
      trusted: workspace.isTrusted,
      notice: this.#notice,
      language: env.language,
      debugMode: this.configuration.read().settings['advanced.debugMode'],
    };
  }

  /** True where the folder has a store already: a history to show. */
  hasStore(): boolean {
    const folder = this.folder();
    return folder !== null && existsSync(join(folder.uri.fsPath, storeFolder, 'factory.db'));
  }

  /** The factory if it is open already. */
  async opened(): Promise<Factory | null> {
    return this.#factory === null ? null : this.#factory.opening.catch(() => null);
  }

  /** Opens the factory on first need. In an untrusted workspace it can only read (S6). */
  async factory(): Promise<Factory> {
    const folder = await this.askFolder();
    const root = folder.uri.fsPath;
    if (this.#factory?.root === root) return this.#factory.opening;
    const opening = this.close().then(() => this.#open(root));
    this.#factory = { root, opening };
    opening.catch(() => {
      if (this.#factory?.opening === opening) this.#factory = null;
    });
    return opening;
  }

  async #open(root: string): Promise<Factory> {
    if (!workspace.isTrusted && !this.hasStore()) {
      throw new FactoryError(
        'untrusted',
        l10n.t('This workspace is not trusted, and it has no history yet.'),
      );
    }
    const { openFactory } = await import('../engine/factory.ts');
    const endpoints = this.configuration.endpoints();
    this.#endpoints = JSON.stringify(endpoints);
    const factory = await openFactory({
      root,
      endpoints,
      keys: (provider) => this.keys.read(provider),
      readOnly: !workspace.isTrusted,
      folders: () => this.pictureFolders().map((uri) => uri.fsPath),
      environment: process.env,
    });
    factory.onEvent((event) => {
      logFactoryEvent(this.log, event);
      this.#events.fire(event);
    });
    this.#notice = factory.notice;
    this.#opened.fire(factory);
    this.#changed.fire(this.state());
    return factory;
  }

  /** New addresses of the services count from the next run on: the factory is opened anew when it is idle. */
  async #onConfiguration(): Promise<void> {
    const factory = await this.opened();
    const endpoints = JSON.stringify(this.configuration.endpoints());
    if (factory !== null && endpoints !== this.#endpoints && !factory.ownsActiveRun()) await this.#reopen();
    else this.#changed.fire(this.state());
  }

  /** Folders beside ours may come and go; only losing ours closes the store. */
  async #onFolders(): Promise<void> {
    if (this.#factory !== null && this.folder()?.uri.fsPath !== this.#factory.root) await this.#reopen();
    else this.#changed.fire(this.state());
  }

  async #reopen(): Promise<void> {
    try {
      const had = this.#factory !== null;
      await this.close();
      this.#changed.fire(this.state());
      if (had && this.folder() !== null) await this.factory();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** Work stops within a bound and can be resumed. */
  async close(): Promise<void> {
    const open = this.#factory;
    this.#factory = null;
    this.#notice = null;
    if (open === null) return;
    const factory = await open.opening.catch(() => null);
    await factory?.close();
  }

  /** Thumbnails, output and temp folder: all that a view may load pictures from. */
  pictureFolders(): Uri[] {
    const folder = this.folder();
    if (folder === null) return [];
    const root = folder.uri.fsPath;
    const thumbnails = join(root, storeFolder, 'thumbnails');
    // An untrusted workspace's folders are not used; its settings could name any folder of the disk.
    if (!workspace.isTrusted) return [Uri.file(thumbnails)];
    const { settings } = this.configuration.read();
    return [
      thumbnails,
      resolve(root, settings['files.outputDirectory']),
      resolve(root, settings['files.tempDirectory']),
    ].map((path) => Uri.file(path));
  }

  /** Absolute place of a path as the store keeps it; null outside the workspace and the picture folders. */
  resolvePath(stored: string): Uri | null {
    const folder = this.folder();
    if (folder === null) return null;
    const path = isAbsolute(stored) ? resolve(stored) : resolve(folder.uri.fsPath, stored);
    const allowed = [folder.uri.fsPath, ...this.pictureFolders().map((uri) => uri.fsPath)];
    const inside = allowed.some((parent) => {
      const way = relative(parent, path);
      return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    });
    return inside ? Uri.file(path) : null;
  }
}
