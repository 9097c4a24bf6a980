import assert from 'node:assert/strict';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { keysNeeded } from '../../../src/engine/providers/build.ts';
import { createRedactor, quotedForMessage } from '../../../src/engine/providers/redaction.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { png } from '../../support/providers/images.ts';
import { accepted, bench, closeAll, request } from './setup.ts';

describe('Redaction', () => {
  afterEach(closeAll);
  const secret = 'Ab1"/+ d9Zk3LmN0pQ';
  const redact = createRedactor([secret]);

  it('W5: masks a key in every form in which it may turn up', () => {
    const base64 = Buffer.from(secret).toString('base64');
    for (const form of [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret),
      base64,
      Buffer.from(secret).toString('base64url'),
    ]) {
      const clean = redact(`before ${form} after`);
      assert.match(clean, /before .*\[redacted\].* after/);
      assert.equal(clean.includes(form), false, form);
    }
  });

  it('W5: masks what looks like a key, a header, a signature, user info or an image', () => {
    const texts: [string, RegExp][] = [
      ['key sk-proj-abcd1234efgh5678ijkl', /abcd1234/],
      ['masked sk-pr***abcd', /abcd/],
      ['Authorization: Bearer abc.def-123456', /abc\.def/],
      ['{"apiKey":"topsecretvalue","x":1}', /topsecretvalue/],
      ['x-api-key=topsecretvalue', /topsecretvalue/],
      ['GET https://im.example/a.png?X-Amz-Signature=deadbeef', /deadbeef/],
      ['https://user:hunter22@host.example/a', /hunter22/],
      ['data:image/png;base64,iVBORw0KGgo=', /iVBOR/],
      [`bytes ${'QUJD'.repeat(40)}`, /QUJDQUJD/],
    ];
    for (const [text, hidden] of texts) assert.doesNotMatch(redact(text), hidden, text);
  });

  it('leaves ordinary words, ids and addresses alone', () => {
    const text =
      'Runware task 0a1b2c3d-1111-4222-8333-444455556666 at https://api.runware.ai/v1 (status 429)';
    assert.equal(redact(text), text);
  });

  it('cuts long messages of providers to one line of 500 characters', () => {
    assert.equal(quotedForMessage(redact, `a\n b ${'long words '.repeat(100)}`).length, 500);
    assert.match(quotedForMessage(redact, 'a\n b'), /^a b$/);
  });

  for (const settings of [
    {},
    { 'provider.image': 'openai' },
    { 'provider.image': 'piapi' },
    { 'processing.removeBackground': true },
    { 'processing.removeBackground': true, 'provider.backgroundRemoval': 'removebg' },
  ] satisfies Partial<Settings>[]) {
    it(`W5: no key leaves in an error or a debug row, whatever the service echoes (${JSON.stringify(settings)})`, async () => {
      const { fake, providers, context, rows } = await bench(settings);
      // A service can only echo what it was sent.
      const keys = keysNeeded({ ...defaultSettings(), ...settings }).map((provider) => fake.keys[provider]);
      const image = png({ width: 16, height: 16, key: 'x' });
      for (const status of [400, 401, 402, 404, 429, 500]) {
        const echo = `You sent ${keys.join(' ')} and ${keys.map((key) => Buffer.from(key).toString('base64')).join(' ')}`;
        await fake.clearFaults();
        await fake.script({ do: 'status', status, message: echo, code: 'echo' });
        const calls = [
          () => providers.text.writePrompt({ instructions: 'x', row: {} }, context),
          () => providers.image.generate(request(), context, accepted),
          () =>
            providers.background?.remove(image, request().requestId, context) ??
            Promise.reject(new Error('none')),
        ];
        for (const call of calls) {
          await assert.rejects(call(), (error: Error) => {
            if (error.message === 'none') return true;
            assert.ok(isFactoryError(error), String(error));
            const shown = JSON.stringify([
              error.message,
              error.stack,
              error.cause,
              error.provider,
              error.problems,
            ]);
            for (const key of keys) assert.equal(shown.includes(key), false, shown);
            return true;
          });
        }
      }
      for (const key of keys) assert.equal(rows.join('\n').includes(key), false);
    });
  }
});
