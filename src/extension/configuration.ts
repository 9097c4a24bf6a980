/** The settings of the open folder, read from and written to VS Code's own configuration. */
import type { ConfigurationChangeEvent, Disposable, Memento, WorkspaceFolder } from 'vscode';
import { ConfigurationTarget, EventEmitter, workspace } from 'vscode';
import type { Problem } from '../engine/model/errors.ts';
import type { Endpoints, KeyedProvider } from '../engine/providers/provider.ts';
import { keyedProviders } from '../engine/providers/provider.ts';
import {
  defaultHostSettings,
  defaultSettings,
  definitionOf,
  isSafeUrl,
  isSettingKey,
  parseSettings,
  settingKeyPrefix,
  settingKeys,
} from '../engine/settings/settings.ts';
import type { SettingKey, Settings } from '../engine/settings/settings.ts';
import type { SettingSource } from '../webviews/protocol.ts';

const section = settingKeyPrefix.slice(0, -1);

/** Settings that belong to the next start only; kept with the window, so that a team's settings stay clean. */
const startKeys = settingKeys.filter((key) => definitionOf(key).scope === 'start');

function startMemory(key: SettingKey): string {
  return `start.${key}`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export class Configuration implements Disposable {
  readonly #memory: Memento;
  readonly #folder: () => WorkspaceFolder | null;
  readonly #changed = new EventEmitter<void>();
  readonly #listener: Disposable;

  /** Fires after any setting of ours changed, wherever it was edited. */
  readonly onDidChange = this.#changed.event;

  constructor(memory: Memento, folder: () => WorkspaceFolder | null) {
    this.#memory = memory;
    this.#folder = folder;
    this.#listener = workspace.onDidChangeConfiguration((event: ConfigurationChangeEvent) => {
      if (event.affectsConfiguration(section, this.#folder() ?? undefined)) this.#changed.fire();
    });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  #section() {
    return workspace.getConfiguration(section, this.#folder() ?? null);
  }

  /** Effective values; a bad one is a problem, and its default stands in for it. */
  read(): { settings: Settings; problems: Problem[] } {
    const configured = this.#section();
    const values: Record<string, unknown> = {};
    for (const key of settingKeys) {
      const value: unknown = startKeys.includes(key)
        ? this.#memory.get(startMemory(key))
        : configured.get(key);
      if (value !== undefined) values[key] = value;
    }
    return parseSettings(values, defaultSettings());
  }

  sources(): Record<string, SettingSource> {
    const configured = this.#section();
    return Object.fromEntries(
      settingKeys.map((key) => {
        const found = configured.inspect(key);
        const source: SettingSource =
          found?.workspaceFolderValue !== undefined
            ? 'folder'
            : found?.workspaceValue !== undefined
              ? 'workspace'
              : found?.globalValue !== undefined
                ? 'user'
                : 'default';
        return [key, source];
      }),
    );
  }

  /** Writes what differs to the folder's settings.json; a value that equals what is inherited is taken out of it. */
  async save(changes: Partial<Settings>): Promise<void> {
    for (const [key, value] of Object.entries(changes)) {
      if (!isSettingKey(key)) continue;
      if (startKeys.includes(key)) {
        await this.#memory.update(startMemory(key), value);
        this.#changed.fire();
        continue;
      }
      const found = this.#section().inspect<unknown>(key);
      const inherited: unknown = found?.globalValue ?? found?.defaultValue;
      const target = this.#target();
      await this.#section().update(key, same(value, inherited) ? undefined : value, target);
    }
  }

  /** Takes every value of ours out of the workspace's and the folder's settings. */
  async reset(): Promise<void> {
    for (const key of startKeys) await this.#memory.update(startMemory(key), undefined);
    for (const key of settingKeys) {
      const found = this.#section().inspect(key);
      if (
        found?.workspaceFolderValue !== undefined &&
        this.#target() === ConfigurationTarget.WorkspaceFolder
      ) {
        await this.#section().update(key, undefined, ConfigurationTarget.WorkspaceFolder);
      }
      if (found?.workspaceValue !== undefined) {
        await this.#section().update(key, undefined, ConfigurationTarget.Workspace);
      }
    }
    this.#changed.fire();
  }

  /** With a single folder the workspace's settings are the folder's. */
  #target(): ConfigurationTarget {
    const several = workspace.workspaceFile !== undefined;
    return several ? ConfigurationTarget.WorkspaceFolder : ConfigurationTarget.Workspace;
  }

  /** Addresses of the services: machine scope, so that no workspace can send a key elsewhere (S5). */
  endpoints(): Endpoints {
    const configured = workspace.getConfiguration(section);
    const defaults = defaultHostSettings();
    const entries = keyedProviders.map((provider): [KeyedProvider, string] => {
      const found = configured.inspect<unknown>(`endpoints.${provider}`);
      // The global value only: a workspace value of a machine setting is ignored by VS Code, and by us.
      const value = found?.globalValue;
      const sound = typeof value === 'string' && isSafeUrl(value);
      return [provider, sound ? value : defaults[`endpoints.${provider}`]];
    });
    return Object.fromEntries(entries) as Endpoints;
  }

  /** Estimate in USD from which a start is confirmed; 0 confirms every start that costs. */
  confirmAbove(): number {
    const value: unknown = workspace.getConfiguration(section).get('budget.confirmAbove');
    return typeof value === 'number' && value >= 0 ? value : 0;
  }
}
