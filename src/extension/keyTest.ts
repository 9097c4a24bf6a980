/** The cheapest authenticated call of a provider, and its answer in words. */
import { l10n } from 'vscode';
import type { KeyedProvider } from '../engine/providers/registry.ts';
import { requireTrust } from './actions/trust.ts';
import { labelOf } from '../engine/providers/registry.ts';
import type { WorkspaceSession } from './workspaceSession.ts';
import { inWords } from '../engine/model/message.ts';

export async function testKey(
  session: WorkspaceSession,
  provider: KeyedProvider,
): Promise<{ ok: boolean; message: string }> {
  requireTrust();
  const key = await session.keys.read(provider);
  if (key === null) {
    const elsewhere = await session.keys.storedElsewhere(provider);
    if (elsewhere !== null) {
      const { host } = new URL(session.configuration.endpoints()[provider]);
      const message = l10n.t(
        'The stored {0} API key was entered for {1} and is not sent to {2}. Set it again for this address.',
        labelOf(provider),
        elsewhere,
        host,
      );
      return { ok: false, message };
    }
    return {
      ok: false,
      message: l10n.t('There is no {0} API key. Set one first.', labelOf(provider)),
    };
  }
  const { testKey: callProvider } = await import('../engine/providers/keyTest.ts');
  const endpoint = session.configuration.endpoints()[provider];
  const { ok, told } = await callProvider(provider, { key, endpoint });
  return { ok, message: inWords(told) };
}
