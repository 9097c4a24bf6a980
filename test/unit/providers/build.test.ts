import assert from 'node:assert/strict';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { shrink } from '../../../src/engine/images/pixels/shrink.ts';
import { cutGrid } from '../../../src/engine/images/pixels/transform.ts';
import { buildProviders, keysNeeded } from '../../../src/engine/providers/build.ts';
import { testKey } from '../../../src/engine/providers/keyTest.ts';
import { keyedProviders } from '../../../src/engine/providers/registry.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { spawnFakeProviders } from '../../support/providers/standalone.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import { accepted, bench, closeAll, contextOf, providersFor, request } from './setup.ts';
import { said } from '../../support/engine/said.ts';

describe('Providers of a job', () => {
  afterEach(closeAll);

  it('a missing key is named before anything is sent', async () => {
    const fake = await startFakeProviders();
    const keys = (provider: string): Promise<string | null> =>
      Promise.resolve(provider === 'openai' ? 'x' : null);
    await assert.rejects(providersFor(fake, {}, { keys }), { code: 'key.missing', provider: 'runware' });
    await assert.rejects(providersFor(fake, {}, { keys: () => Promise.resolve('a\nb') }), {
      code: 'provider.auth',
    });
    assert.deepEqual(await fake.calls(), []);
    await fake.close();
  });

  it('only the keys that the job needs are asked for', () => {
    const settings = defaultSettings();
    assert.deepEqual(keysNeeded(settings), ['openai', 'runware']);
    const sample = { ...settings, 'provider.image': 'sample', 'provider.text': 'sample' } as const;
    assert.deepEqual(keysNeeded(sample), []);
    assert.deepEqual(
      keysNeeded({
        ...sample,
        'processing.removeBackground': true,
        'provider.backgroundRemoval': 'removebg',
      }),
      ['removebg'],
    );
  });

  it('F2: what a retry does not call needs no key, and says so when it is called all the same', async () => {
    const fake = await startFakeProviders();
    const providers = await buildProviders(
      { ...defaultSettings(), 'provider.backgroundRemoval': 'removebg', 'processing.removeBackground': true },
      {
        endpoints: fake.endpoints,
        keys: (provider) => Promise.resolve(provider === 'removebg' ? fake.keys.removebg : null),
        images: { cutGrid, shrink, sizeOf: acceptImage },
      },
      { text: false, image: false, background: true },
    );
    assert.equal(providers.image.name, 'runware');
    await assert.rejects(providers.image.generate(request(), contextOf(), accepted), {
      code: 'key.missing',
      provider: 'runware',
    });
    await assert.rejects(providers.text.writePrompt({ instructions: 'A fox', row: {} }, contextOf()), {
      code: 'key.missing',
      provider: 'openai',
    });
    assert.deepEqual(await fake.calls(), []);
    providers.close();
    await fake.close();
  });

  it('S5: each key goes to its own service only', async () => {
    const { fake, providers, context } = await bench();
    const result = await providers.image.generate(request(), context, accepted);
    const source = result.images[0]?.source;
    assert.ok(source?.kind === 'url');
    // The image host of the fake refuses requests that carry a key.
    await providers.download(source.url, 'raster', context);
    assert.deepEqual(
      (await fake.calls()).map((call) => [call.service, call.status]),
      [
        ['runware', 200],
        ['images', 200],
      ],
    );
  });

  it('R1: the sample provider needs no key and no network', async () => {
    const { fake, providers } = await bench(
      { 'provider.image': 'sample', 'provider.text': 'sample' },
      {},
      { keys: () => Promise.reject(new Error('asked for a key')) },
    );
    const prompt = await providers.text.writePrompt(
      { instructions: 'A fox', row: { keyword: 'fox' } },
      contextOf(),
    );
    assert.equal(prompt.costMicroUsd, 0);
    assert.deepEqual(await fake.calls(), []);
  });
});

describe('Testing a key', () => {
  it('S8: every service says whether a key works, for free, without showing it', async () => {
    const fake = await startFakeProviders();
    for (const provider of keyedProviders) {
      const endpoint = fake.endpoints[provider];
      const good = await testKey(provider, { key: fake.keys[provider], endpoint });
      assert.deepEqual([good.ok, /key works/.test(said(good))], [true, true], `${provider}: ${said(good)}`);
      const wrong = `${fake.keys[provider].slice(0, -4)}zzzz`;
      const bad = await testKey(provider, { key: wrong, endpoint });
      assert.equal(bad.ok, false, provider);
      assert.match(said(bad), /refused the key/);
      for (const message of [good, bad].map(said)) {
        assert.equal(message.includes(wrong) || message.includes(fake.keys[provider]), false);
      }
    }
    assert.deepEqual(await fake.charges(), []);
    await fake.close();
    const dead = await testKey('openai', { key: fake.keys.openai, endpoint: fake.endpoints.openai });
    assert.match(said(dead), /cannot be reached/);
  });
});

describe('Fake providers in their own process', () => {
  afterEach(closeAll);

  it('speak the same and remember the same', async () => {
    const fake = await spawnFakeProviders({ latency: { image: 20 } });
    const providers = await providersFor(fake);
    await fake.script({ kind: 'image', do: 'status', status: 500, times: 1 });
    const waited = fake.waitForCalls('image', 2);
    await assert.rejects(providers.image.generate(request(), contextOf(), accepted));
    await providers.image.generate(request(), contextOf(), accepted);
    await waited;
    assert.equal((await fake.calls({ kind: 'image' })).length, 2);
    assert.equal((await fake.charges()).length, 1);
    assert.deepEqual(await fake.paidTwice(), []);
    await fake.close();
  });
});
