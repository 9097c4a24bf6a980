/** Opens, restores and closes the webview panels, and tells each what changed. */
import type { Tab, WebviewPanel } from 'vscode';
import { TabInputWebview, Uri, ViewColumn, window } from 'vscode';
import type { FactoryEvent } from '../../engine/model/events.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import { shortenLine } from '../../engine/model/shorten.ts';
import type { Notice, SessionState, ViewName, ViewTarget } from '../../webviews/protocol.ts';
import { viewTitles } from '../../webviews/protocol.ts';
import type { Channel } from './channel.ts';
import { openChannel, toWireError } from './channel.ts';
import { nativeUi } from './nativeUi.ts';
import type { ExportCenter } from './exportCenter.ts';
import { exportCenter } from './exportCenter.ts';
import { createHandlers } from './handlers.ts';
import { noticeOf } from './notices.ts';
import { chunksOf, pageHtml } from './page.ts';
import type { AddressOf } from './imageViews.ts';
import type { Panels, PanelServices, Subscription } from './panelServices.ts';
import { viewType } from './viewType.ts';

const longestTab = 40;

interface OpenPanel {
  /** Roots as last set; setting them loads the page anew. */
  roots: string;
  view: ViewName;
  target: ViewTarget;
  /** The page does not know yet that it was opened again at another place. */
  untold: boolean;
  panel: WebviewPanel;
  channel: Channel;
  addressOf: AddressOf;
}

/** Single job views are one panel per job; the others exist once. */
function panelKey(view: ViewName, target: ViewTarget): string {
  return view === 'job' ? `job ${target.jobId ?? ''}` : view;
}

/** The tabs of a view, also those from before a reload: they are restored only when they are shown. */
function tabsOf(view: ViewName): Tab[] {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(
    ({ input }) => input instanceof TabInputWebview && input.viewType.endsWith(`-${viewType(view)}`),
  );
}

/** A label as the name of a tab; a very long one would push all other tabs away. */
function tabTitle(job: JobSummary): string {
  return shortenLine(job.label, longestTab);
}

function readTarget(state: unknown): ViewTarget {
  if (typeof state !== 'object' || state === null || !('target' in state)) return {};
  const { target } = state;
  if (typeof target !== 'object' || target === null) return {};
  const result: ViewTarget = {};
  if ('jobId' in target && typeof target.jobId === 'string') result.jobId = target.jobId;
  return result;
}

export class PanelHost implements Panels {
  readonly #services: PanelServices;
  readonly #open = new Map<string, OpenPanel>();
  readonly #exports: ExportCenter;
  readonly #subscriptions: Subscription[] = [];

  constructor(services: PanelServices) {
    this.#services = services;
    this.#exports = exportCenter((thrown) => toWireError(thrown, (message) => services.log(message)));
    const stopListening = this.#exports.onChange((state) => this.#notify({ topic: 'export', body: state }));
    this.#subscriptions.push(
      { dispose: stopListening },
      services.onFactoryEvent((event) => this.#onFactoryEvent(event)),
      services.onDidChangeSession((state) => this.#onSession(state)),
      services.settings.onDidChange(() => this.#onSettings()),
      services.keys.onDidChange(() => this.#notify({ topic: 'keys', body: {} })),
    );
  }

  open(view: ViewName, target: ViewTarget = {}): void {
    const existing = this.#open.get(panelKey(view, target));
    if (existing !== undefined) {
      existing.target = target;
      // The page of a hidden panel is gone; the one that is loaded anew is told when it listens.
      existing.untold = !existing.channel.open;
      existing.panel.reveal();
      existing.channel.notify({ topic: 'target', body: target });
      return;
    }
    void this.#closeUnrestored(view, target);
    const panel = window.createWebviewPanel(viewType(view), viewTitles[view], ViewColumn.Active, {});
    this.#adopt(view, target, panel);
  }

  /** Takes a panel over that VS Code brought back with the state that its page kept. */
  restore(view: ViewName, panel: WebviewPanel, state: unknown): void {
    const target = readTarget(state);
    const existing = this.#open.get(panelKey(view, target));
    if (existing === undefined) {
      this.#adopt(view, target, panel);
      return;
    }
    // It was opened again before its old tab was looked at.
    existing.panel.reveal();
    panel.dispose();
  }

  /** Opening a view takes the place of its tab from before a reload. */
  async #closeUnrestored(view: ViewName, target: ViewTarget): Promise<void> {
    const titles = new Set([...this.#open.values()].map(({ panel }) => panel.title));
    const unrestored = tabsOf(view).filter(({ label }) => !titles.has(label));
    if (unrestored.length === 0) return;
    if (view !== 'job') {
      await window.tabGroups.close(unrestored);
      return;
    }
    try {
      // Such a tab says only its title: it is this job's if no other job has that label.
      const factory = await this.#services.factory();
      const job = factory.job(target.jobId ?? '');
      const alike = await factory.jobs({ search: job.label }, 'newest', { limit: 50 });
      const title = tabTitle(job);
      if (alike.next !== null || alike.items.filter((other) => tabTitle(other) === title).length > 1) return;
      // The new tab may have the title by now; it is the one in front, unless somebody went on.
      if (this.#open.get(panelKey(view, target))?.panel.active !== true) return;
      // Tabs as they were before the waiting cannot be closed any more.
      await window.tabGroups.close(tabsOf(view).filter((tab) => tab.label === title && !tab.isActive));
    } catch (thrown) {
      this.#services.log(toWireError(thrown, (message) => this.#services.log(message)).message);
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#exports.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  /** Wires a new or restored panel. Options are set again: restored ones point at the folders of an older version. */
  #adopt(view: ViewName, target: ViewTarget, panel: WebviewPanel): void {
    const services = this.#services;
    const key = panelKey(view, target);
    panel.iconPath = Uri.joinPath(services.extensionUri, 'media', 'panel.svg');
    const addressOf: AddressOf = (stored) => {
      const uri = services.resolvePath(stored);
      return uri === null ? null : panel.webview.asWebviewUri(uri).toString();
    };
    const channel = openChannel({
      post: (message) => void panel.webview.postMessage(message),
      handlers: createHandlers({ services, panels: this, exports: this.#exports, nativeUi, addressOf }),
      log: (message) => services.log(message),
      onReady: () => {
        if (!entry.untold) return;
        entry.untold = false;
        channel.notify({ topic: 'target', body: entry.target });
      },
    });
    const entry: OpenPanel = { roots: '', view, target, untold: false, panel, channel, addressOf };
    this.#open.set(key, entry);
    this.#setRoots(entry);
    const listeners = [
      panel.webview.onDidReceiveMessage((message) => channel.receive(message)),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away by VS Code and loaded anew when it is shown.
        if (!panel.visible) channel.lost();
      }),
    ];
    panel.onDidDispose(() => {
      channel.dispose();
      for (const listener of listeners) listener.dispose();
      if (this.#open.get(key) === entry) this.#open.delete(key);
    });
    panel.webview.html = this.#html(entry);
    if (view === 'job') void this.#nameAfterJob(entry);
  }

  /** The bundle, our media, and the folders that hold this workspace's images: nothing else loads. */
  #setRoots(entry: OpenPanel): void {
    const { extensionUri } = this.#services;
    const localResourceRoots = [
      Uri.joinPath(extensionUri, 'dist', 'webviews'),
      Uri.joinPath(extensionUri, 'media'),
      ...this.#services.imageFolders(),
    ];
    const roots = localResourceRoots.join('\n');
    if (roots === entry.roots) return;
    entry.roots = roots;
    entry.panel.webview.options = { enableScripts: true, localResourceRoots };
  }

  #html({ view, target, panel }: OpenPanel): string {
    const dist = Uri.joinPath(this.#services.extensionUri, 'dist', 'webviews');
    return pageHtml({
      view,
      title: viewTitles[view],
      target,
      chunks: chunksOf(dist.fsPath, view),
      baseAddress: panel.webview.asWebviewUri(dist).toString(),
      source: panel.webview.cspSource,
      language: this.#services.session().language,
    });
  }

  async #nameAfterJob({ panel, target }: OpenPanel): Promise<void> {
    try {
      if (target.jobId === undefined) return;
      panel.title = tabTitle((await this.#services.factory()).job(target.jobId));
    } catch (thrown) {
      this.#services.log(toWireError(thrown, (message) => this.#services.log(message)).message);
    }
  }

  #notify(notice: Notice): void {
    for (const { channel } of this.#open.values()) channel.notify(notice);
  }

  #onFactoryEvent(event: FactoryEvent): void {
    for (const entry of this.#open.values()) {
      if (event.kind === 'job' && entry.view === 'job' && entry.target.jobId === event.job.id) {
        entry.panel.title = tabTitle(event.job);
      }
      if (entry.channel.open) entry.channel.notify(noticeOf(event, entry.addressOf));
    }
  }

  /** Another folder or new trust may mean other images. */
  #onSession(state: SessionState): void {
    for (const entry of this.#open.values()) this.#setRoots(entry);
    this.#notify({ topic: 'session', body: state });
  }

  #onSettings(): void {
    for (const entry of this.#open.values()) this.#setRoots(entry);
    this.#notify({ topic: 'settings', body: {} });
  }
}
