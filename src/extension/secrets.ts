/**
 * API keys: kept in VS Code's SecretStorage, each bound to the address it was entered for. They leave this file
 * only towards the engine; views, logs and messages see states.
 */
import type { Disposable, SecretStorage } from 'vscode';
import { EventEmitter, l10n, window } from 'vscode';
import type { Endpoints, KeyedProvider } from '../engine/providers/registry.ts';
import { keyedProviders, keyVariable, labelOf } from '../engine/providers/registry.ts';
import type { KeyState } from '../webviews/protocol.ts';
import type { StoredKey } from './storedKey.ts';

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

  /**
   * The key to use with an address (the configured one unless said otherwise), or null. A key that was entered for
   * another address is not used (S5).
   */
  async read(provider: KeyedProvider, endpoint = this.#endpoints()[provider]): Promise<string | null> {
    return (await this.#storedFor(provider, endpoint)) ?? this.#fromEnvironment(provider);
  }

  /** Host name of the other address that the stored key belongs to; null where there is none. */
  async storedElsewhere(provider: KeyedProvider): Promise<string | null> {
    const stored = await this.#stored(provider);
    if (stored === null || stored.origin === new URL(this.#endpoints()[provider]).origin) return null;
    return URL.canParse(stored.origin) ? new URL(stored.origin).host : stored.origin;
  }

  async states(): Promise<KeyState[]> {
    return Promise.all(
      keyedProviders.map(async (provider) => ({
        provider,
        source:
          (await this.#storedFor(provider, this.#endpoints()[provider])) !== null
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
    const endpoint = this.#endpoints()[provider];
    const { host } = new URL(endpoint);
    const key = await window.showInputBox({
      title: l10n.t('Set {0} API Key', labelOf(provider)),
      prompt: l10n.t('The key is kept in VS Code and sent only to {0}.', host),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => {
        if (text.trim() === '') return l10n.t('Enter the key.');
        return /^[\x21-\x7e]+$/u.test(text.trim())
          ? undefined
          : l10n.t('A key has no spaces and only letters, digits and signs of a keyboard.');
      },
    });
    if (key === undefined) return false;
    const { writeStoredKey } = await import('./storedKey.ts');
    const { origin } = new URL(endpoint);
    await this.#storage.store(storageName(provider), writeStoredKey({ key: key.trim(), origin }));
    return true;
  }

  async clear(provider: KeyedProvider): Promise<void> {
    await this.#storage.delete(storageName(provider));
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
      label: labelOf(state.provider),
      description: words[state.source],
      provider: state.provider,
    }));
    return (await window.showQuickPick(items, { title }))?.provider ?? null;
  }

  async #storedFor(provider: KeyedProvider, endpoint: string): Promise<string | null> {
    const stored = await this.#stored(provider);
    return stored !== null && stored.origin === new URL(endpoint).origin ? stored.key : null;
  }

  async #stored(provider: KeyedProvider): Promise<StoredKey | null> {
    const text = await this.#storage.get(storageName(provider));
    if (text === undefined) return null;
    return (await import('./storedKey.ts')).parseStoredKey(text);
  }

  #fromEnvironment(provider: KeyedProvider): string | null {
    const value = this.#environment[keyVariable(provider)]?.trim() ?? '';
    return value === '' ? null : value;
  }
}
