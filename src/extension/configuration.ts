/** The settings of the open folder, read from and written to VS Code's own configuration. */
import { isAbsolute } from 'node:path';
import type {
  ConfigurationChangeEvent,
  Disposable,
  Memento,
  WorkspaceConfiguration,
  WorkspaceFolder,
} from 'vscode';
import { ConfigurationTarget, EventEmitter, l10n, workspace } from 'vscode';
import type { Problem } from '../engine/model/errors.ts';
import { FactoryError } from '../engine/model/errors.ts';
import { spoken } from '../engine/model/message.ts';
import type { Endpoints, KeyedProvider } from '../engine/providers/registry.ts';
import { forEachKeyed, keyedProviders } from '../engine/providers/registry.ts';
import {
  checkValue,
  defaultHostSettings,
  defaultSettings,
  definitionOf,
  isSafeUrl,
  isSettingKey,
  parseSettings,
  sameValue,
  settingKeyPrefix,
  settingKeys,
  smallerBudget,
} from '../engine/settings/settings.ts';
import type { SettingKey, Settings } from '../engine/settings/settings.ts';
import type { SettingSource } from '../webviews/protocol.ts';

const section = settingKeyPrefix.slice(0, -1);

const budgetKey = 'budget.maxCostPerJob';

/** Settings that belong to the next start only; kept with the window, so that a team's settings stay clean. */
const startKeys = settingKeys.filter((key) => definitionOf(key).scope === 'start');

/** Where images go. */
export const folderKeys = ['files.outputDirectory', 'files.tempDirectory'] as const;

function startMemory(key: SettingKey): string {
  return `start.${key}`;
}

export interface ConfiguredSettings {
  readonly settings: Settings;
  readonly problems: Problem[];
}

export class Configuration implements Disposable {
  readonly #memory: Memento;
  readonly #folder: () => WorkspaceFolder | null;
  readonly #changed = new EventEmitter<void>();
  readonly #listeners: Disposable[];
  #read: ConfiguredSettings | null = null;

  /** Fires after any setting of ours changed, wherever it was edited. */
  readonly onDidChange = this.#changed.event;

  constructor(memory: Memento, folder: () => WorkspaceFolder | null) {
    this.#memory = memory;
    this.#folder = folder;
    this.#listeners = [
      workspace.onDidChangeConfiguration((event: ConfigurationChangeEvent) => {
        if (event.affectsConfiguration(section)) this.#change();
      }),
      // VS Code leaves restricted values out until then.
      workspace.onDidGrantWorkspaceTrust(() => this.#change()),
    ];
  }

  /** Another folder is worked in: its settings count from now on. */
  useFolder(): void {
    this.#read = null;
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
  }

  #section(): WorkspaceConfiguration {
    return workspace.getConfiguration(section, this.#folder() ?? null);
  }

  /** Effective values; a bad one is a problem, and its default stands in for it. The same object until one changes. */
  read(): ConfiguredSettings {
    this.#read ??= this.#readNow();
    return this.#read;
  }

  /** Reads all values anew when they are next asked for, and tells who watches. */
  #change(): void {
    this.#read = null;
    this.#changed.fire();
  }

  #readNow(): ConfiguredSettings {
    const configured = this.#section();
    const values: Record<string, unknown> = {};
    for (const key of settingKeys) {
      const value: unknown = startKeys.includes(key)
        ? this.#memory.get(startMemory(key))
        : configured.get(key);
      if (value !== undefined) values[key] = value;
    }
    const { settings, problems } = parseSettings(values, defaultSettings());
    // A workspace may lower the user's budget, not raise it.
    const budget = smallerBudget(this.maxCostPerJob(), settings[budgetKey]);
    return {
      settings: { ...settings, [budgetKey]: budget },
      problems: [...problems, ...this.#endpointProblems()],
    };
  }

  /** Folders for images that the user's own settings name: what a workspace names counts only inside of it. */
  userFolders(): string[] {
    const configured = this.#section();
    return folderKeys
      .map((key) => configured.inspect<unknown>(key)?.globalValue)
      .filter((value) => typeof value === 'string')
      .map((folder) => folder.trim())
      .filter((folder) => isAbsolute(folder));
  }

  /** What the folder's own settings.json says, as the command line reads it. */
  folderValues(): Partial<Record<SettingKey, unknown>> {
    const configured = this.#section();
    const values: Partial<Record<SettingKey, unknown>> = {};
    for (const key of settingKeys) {
      const value = this.#ownValue(configured.inspect<unknown>(key));
      if (value !== undefined) values[key] = value;
    }
    return values;
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

  /**
   * Writes what differs to the folder's settings.json; a value that equals what is inherited is taken out of it.
   * Fails with `conflict` where VS Code cannot write the file.
   */
  async save(changes: Partial<Settings>): Promise<void> {
    for (const [key, value] of Object.entries(changes)) {
      if (!isSettingKey(key)) continue;
      if (startKeys.includes(key)) {
        if (sameValue(this.#memory.get(startMemory(key)), value)) continue;
        await this.#memory.update(startMemory(key), value);
        this.#change();
        continue;
      }
      const found = this.#section().inspect<unknown>(key);
      const inherited: unknown = this.#ownsFile()
        ? (found?.globalValue ?? found?.defaultValue)
        : (found?.workspaceValue ?? found?.globalValue ?? found?.defaultValue);
      const wanted: unknown = sameValue(value, inherited) ? undefined : value;
      if (!sameValue(this.#ownValue(found), wanted)) await this.#write(key, wanted, this.#target());
    }
  }

  async #write(key: SettingKey, value: unknown, target: ConfigurationTarget): Promise<void> {
    try {
      await this.#section().update(key, value, target);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new FactoryError(
        'conflict',
        spoken(l10n.t('The setting "{0}" could not be saved. {1}', definitionOf(key).label, why)),
        { cause: thrown },
      );
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
        await this.#write(key, undefined, ConfigurationTarget.WorkspaceFolder);
      }
      if (found?.workspaceValue !== undefined) {
        await this.#write(key, undefined, ConfigurationTarget.Workspace);
      }
    }
    this.#change();
  }

  /** Without a .code-workspace file the workspace's settings are the folder's. */
  #ownsFile(): boolean {
    return workspace.workspaceFile === undefined;
  }

  #target(): ConfigurationTarget {
    return this.#ownsFile() ? ConfigurationTarget.Workspace : ConfigurationTarget.WorkspaceFolder;
  }

  #ownValue(found: { workspaceValue?: unknown; workspaceFolderValue?: unknown } | undefined): unknown {
    return this.#ownsFile() ? found?.workspaceValue : found?.workspaceFolderValue;
  }

  /** Addresses of the services: machine scope, so that no workspace can send a key elsewhere (S5). */
  endpoints(): Endpoints {
    const defaults = defaultHostSettings();
    const configured = this.#configuredEndpoints();
    return forEachKeyed((provider) => {
      const value = configured[provider];
      const sound = typeof value === 'string' && isSafeUrl(value);
      return sound ? value : defaults[`endpoints.${provider}`];
    });
  }

  /** The user's own values only: VS Code ignores a workspace's value of a machine setting, and so do we. */
  #configuredEndpoints(): Record<KeyedProvider, unknown> {
    const configured = workspace.getConfiguration(section);
    return forEachKeyed((provider) => configured.inspect(`endpoints.${provider}`)?.globalValue);
  }

  /** A bad address is said: nobody wants the default service instead of a private one unasked. */
  #endpointProblems(): Problem[] {
    const configured = this.#configuredEndpoints();
    return keyedProviders
      .map((provider) => {
        const value = configured[provider];
        return value === undefined ? null : checkValue(`endpoints.${provider}`, value);
      })
      .filter((problem) => problem !== null);
  }

  /** Estimate in USD from which what costs is confirmed: the user's own value, which no workspace can silence. */
  confirmAbove(): number {
    const value = this.#userValue('budget.confirmAbove');
    const sound = typeof value === 'number' && checkValue('budget.confirmAbove', value) === null;
    return sound ? value : defaultHostSettings()['budget.confirmAbove'];
  }

  /** The user's own budget for a job in USD; 0: none. */
  maxCostPerJob(): number {
    const value = this.#userValue(budgetKey);
    return typeof value === 'number' && checkValue(budgetKey, value) === null ? value : 0;
  }

  #userValue(key: string): unknown {
    return workspace.getConfiguration(section).inspect(key)?.globalValue;
  }
}
