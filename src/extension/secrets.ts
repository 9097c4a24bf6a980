/**
 * API keys: kept in VS Code's SecretStorage, each bound to the address it was entered for. They leave this file
 * only towards the engine; views, logs and messages see states.
 */
import type { Disposable, SecretStorage } from 'vscode';
import { EventEmitter, l10n, window } from 'vscode';
import { z } from 'zod';
import type { Endpoints, KeyedProvider } from '../engine/providers/provider.ts';
import { keyedProviders, serviceNames } from '../engine/providers/provider.ts';
import type { KeyState } from '../webviews/protocol.ts';

/** The variables that stand in for keys that are not stored (W5). */
export const keyEnvironmentNames: Record<KeyedProvider, string> = {
  openai: 'OPENAI_API_KEY',
  runware: 'RUNWARE_API_KEY',
  removebg: 'REMOVEBG_API_KEY',
  piapi: 'PIAPI_API_KEY',
};

const storedKey = z.object({ key: z.string().min(1), origin: z.string() });

function storageName(provider: KeyedProvider): string {
  return `genImageFactory.key.${provider}`;
}

export class Keys implements Disposable {
  readonly #storage: SecretStorage;
  readonly #endpoints: () => Endpoints;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #changed = new EventEmitter<void>();
  readonly #listener: Disposable;

  readonly onDidChange = this.#changed.event;

  constructor(storage: SecretStorage, endpoints: () => Endpoints, environment: NodeJS.ProcessEnv) {
    this.#storage = storage;
    this.#endpoints = endpoints;
    this.#environment = environment;
    this.#listener = storage.onDidChange(() => this.#changed.fire());
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  /** The key to use now, or null. A key that was entered for another address is not used (S5). */
  async read(provider: KeyedProvider): Promise<string | null> {
    return (await this.#stored(provider)) ?? this.#fromEnvironment(provider);
  }

  async states(): Promise<KeyState[]> {
    return Promise.all(
      keyedProviders.map(async (provider) => ({
        provider,
        source:
          (await this.#stored(provider)) !== null
            ? ('stored' as const)
            : this.#fromEnvironment(provider) !== null
              ? ('environment' as const)
              : ('missing' as const),
        endpoint: new URL(this.#endpoints()[provider]).host,
      })),
    );
  }

  /** VS Code's own password box; false when it was closed. */
  async ask(provider: KeyedProvider): Promise<boolean> {
    const host = new URL(this.#endpoints()[provider]).host;
    const key = await window.showInputBox({
      title: l10n.t('Set {0} API Key', serviceNames[provider]),
      prompt: l10n.t('The key is kept in VS Code and sent only to {0}.', host),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => {
        if (text.trim() === '') return l10n.t('Enter the key.');
        return /\s/u.test(text.trim()) ? l10n.t('A key has no spaces inside.') : undefined;
      },
    });
    if (key === undefined) return false;
    await this.#storage.store(
      storageName(provider),
      JSON.stringify({ key: key.trim(), origin: this.#origin(provider) }),
    );
    this.#changed.fire();
    return true;
  }

  async clear(provider: KeyedProvider): Promise<void> {
    await this.#storage.delete(storageName(provider));
    this.#changed.fire();
  }

  async clearAll(): Promise<void> {
    for (const provider of keyedProviders) await this.clear(provider);
  }

  /** Asks which provider, with the state of each key; null when the list was closed. */
  async pickProvider(title: string): Promise<KeyedProvider | null> {
    const words = {
      stored: l10n.t('stored'),
      environment: l10n.t('from environment'),
      missing: l10n.t('missing'),
    };
    const items = (await this.states()).map((state) => ({
      label: serviceNames[state.provider],
      description: words[state.source],
      provider: state.provider,
    }));
    return (await window.showQuickPick(items, { title }))?.provider ?? null;
  }

  #origin(provider: KeyedProvider): string {
    return new URL(this.#endpoints()[provider]).origin;
  }

  async #stored(provider: KeyedProvider): Promise<string | null> {
    const text = await this.#storage.get(storageName(provider));
    if (text === undefined) return null;
    try {
      const { key, origin } = storedKey.parse(JSON.parse(text));
      return origin === this.#origin(provider) ? key : null;
    } catch {
      // An entry that is not ours to read counts as missing; setting the key anew replaces it.
      return null;
    }
  }

  #fromEnvironment(provider: KeyedProvider): string | null {
    const value = this.#environment[keyEnvironmentNames[provider]]?.trim() ?? '';
    return value === '' ? null : value;
  }
}
