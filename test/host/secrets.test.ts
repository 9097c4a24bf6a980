import assert from 'node:assert/strict';
import { ConfigurationTarget, env, workspace } from 'vscode';
import type { TestApi } from '../../src/extension/extension.ts';
import type { Keys } from '../../src/extension/secrets.ts';
import { activeApi, expectSoon, run } from './host.ts';

const key = 'sk-host-test-0123456789';

describe('API keys', () => {
  let api: TestApi;
  let keys: Keys;

  before(async () => {
    api = await activeApi();
    ({ keys } = api.session);
  });

  const store = (provider: string, stored: { key: string; origin: string }): Thenable<void> =>
    api.session.context.secrets.store(`genImageFactory.key.${provider}`, JSON.stringify(stored));

  const sourceOf = async (provider: string): Promise<string | undefined> =>
    (await keys.states()).find((state) => state.provider === provider)?.source;

  afterEach(() => keys.clearAll());

  it('W5: a stored key is used with its address, and its state says so', async () => {
    assert.equal(await sourceOf('openai'), 'missing');
    await store('openai', { key, origin: new URL(api.session.configuration.endpoints().openai).origin });
    assert.equal(await keys.read('openai'), key);
    assert.equal(await sourceOf('openai'), 'stored');
    await keys.clear('openai');
    assert.equal(await keys.read('openai'), null);
  });

  it('S5: a key that was entered for another address is not used', async () => {
    await store('openai', { key, origin: 'https://elsewhere.example' });
    assert.equal(await keys.read('openai'), null);
    assert.equal(await keys.storedElsewhere('openai'), 'elsewhere.example');
    assert.equal(await sourceOf('openai'), 'missing');
  });

  it('S5: a factory that still works with an address never gets the key of the next one', async () => {
    const old = api.session.configuration.endpoints().openai;
    const user = workspace.getConfiguration('genImageFactory');
    await user.update('endpoints.openai', 'https://models.example', ConfigurationTarget.Global);
    try {
      await expectSoon('the address', () => api.session.configuration.endpoints().openai !== old);
      await store('openai', { key, origin: 'https://models.example' });
      assert.equal(await keys.read('openai'), key);
      assert.equal(await keys.read('openai', old), null);
    } finally {
      await user.update('endpoints.openai', undefined, ConfigurationTarget.Global);
    }
  });

  it('W5: the environment of the host stands in for a key that is not stored', async () => {
    process.env['RUNWARE_API_KEY'] = 'from-environment';
    try {
      assert.equal(await keys.read('runware'), 'from-environment');
      assert.equal(await sourceOf('runware'), 'environment');
      await store('runware', { key, origin: new URL(api.session.configuration.endpoints().runware).origin });
      assert.equal(await keys.read('runware'), key);
    } finally {
      delete process.env['RUNWARE_API_KEY'];
    }
  });

  it('an entry that cannot be read counts as missing', async () => {
    await api.session.context.secrets.store('genImageFactory.key.piapi', '{"key":""}');
    assert.equal(await sourceOf('piapi'), 'missing');
    assert.equal(await keys.storedElsewhere('piapi'), null);
  });

  it('tells who watches when a key comes or goes', async () => {
    let changes = 0;
    const listener = keys.onDidChange(() => (changes += 1));
    await store('removebg', { key, origin: 'https://api.remove.bg' });
    await expectSoon('the change is told', () => changes === 1);
    await keys.clear('removebg');
    await expectSoon('the change is told', () => changes === 2);
    listener.dispose();
  });

  it('W5: Copy Diagnostics holds no key, no prompt and no path', async () => {
    await store('openai', { key, origin: new URL(api.session.configuration.endpoints().openai).origin });
    await run('copyDiagnostics');
    const text = await env.clipboard.readText();
    assert.match(text, /^Gen Image Factory \d+\.\d+\.\d+\nVS Code /);
    assert.match(text, /Keys: .*openai stored/);
    for (const secret of [key, 'sticker', workspace.workspaceFolders?.[0]?.uri.fsPath ?? 'no folder']) {
      assert.ok(!text.includes(secret), `It holds ${secret}.`);
    }
  });
});
