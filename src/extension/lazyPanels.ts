/** The panels without their code: it is read from disk when the first one opens or comes back. */
import type { Disposable, Event } from 'vscode';
import { EventEmitter, window } from 'vscode';
import type { ViewName, ViewTarget } from '../webviews/protocol.ts';
import { viewNames } from '../webviews/protocol.ts';
import type { PanelHost } from './panels/panelHost.ts';
import type { Panels, PanelServices } from './panels/panelServices.ts';
import { viewType } from './panels/viewType.ts';

export class LazyPanels implements Panels {
  readonly #services: () => PanelServices;
  readonly #fail: (thrown: unknown) => void;
  readonly #opened = new EventEmitter<ViewName>();
  readonly #serializers: Disposable[];
  #host: Promise<PanelHost> | null = null;
  #disposed = false;

  /** Fires when a view is opened by a person or comes back with the window. */
  readonly onDidOpen: Event<ViewName> = this.#opened.event;

  constructor(services: () => PanelServices, fail: (thrown: unknown) => void) {
    this.#services = services;
    this.#fail = fail;
    this.#serializers = viewNames.map((view) =>
      window.registerWebviewPanelSerializer(viewType(view), {
        deserializeWebviewPanel: async (panel, state: unknown) => {
          (await this.#load()).restore(view, panel, state);
          this.#opened.fire(view);
        },
      }),
    );
  }

  open(view: ViewName, target: ViewTarget = {}): void {
    this.#load().then(
      (host) => {
        host.open(view, target);
        this.#opened.fire(view);
      },
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  #load(): Promise<PanelHost> {
    this.#host ??= import('./panels/panelHost.ts').then(({ PanelHost: Host }) => {
      const host = new Host(this.#services());
      if (this.#disposed) host.dispose();
      return host;
    });
    return this.#host;
  }

  dispose(): void {
    this.#disposed = true;
    for (const serializer of this.#serializers) serializer.dispose();
    this.#opened.dispose();
    void this.#host?.then((host) => host.dispose());
  }
}
