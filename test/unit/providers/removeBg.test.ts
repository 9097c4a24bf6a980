import assert from 'node:assert/strict';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { createHttp } from '../../../src/engine/providers/http.ts';
import { createRemoveBg } from '../../../src/engine/providers/removebg/background.ts';
import { reactionOf, withRetries, type Reaction } from '../../../src/engine/providers/retry.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { png, sizeOf } from '../../support/providers/images.ts';
import type { FakeOptions, Fault } from '../../support/providers/script.ts';
import { bench, closeAll, contextOf, images, type Bench } from './setup.ts';

const image = png({ width: 1024, height: 1024, key: 'cup' });
const settings = {
  'processing.removeBackground': true,
  'provider.backgroundRemoval': 'removebg',
} as const satisfies Partial<Settings>;

async function remover(
  more: Partial<Settings> = {},
  options: FakeOptions = {},
): Promise<Bench & { remove: (bytes?: Uint8Array) => Promise<Uint8Array> }> {
  const made = await bench({ ...settings, ...more }, options);
  const { background } = made.providers;
  assert.ok(background);
  return {
    ...made,
    remove: async (bytes = image) => (await background.remove(bytes, 'unused', made.context)).value.bytes,
  };
}

const rejectsWith = (promise: Promise<unknown>, code: ErrorCode, reaction: Reaction): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(isFactoryError(error, code), String(error));
    assert.equal(error.provider, 'removebg');
    assert.equal(reactionOf(error), reaction);
    return true;
  });

describe('remove.bg', () => {
  afterEach(closeAll);

  it('P8: asks for the size of the settings and gets it, and notes the credits', async () => {
    const { fake, remove, rows } = await remover();
    const bytes = Buffer.from(await remove());
    assert.deepEqual(sizeOf(bytes), { width: 1024, height: 1024, mime: 'image/png' });
    assert.deepEqual((await fake.calls())[0]?.body, { size: 'auto', format: 'png' });
    assert.match(rows.join('\n'), /1 credits charged/);
  });

  it('P8: passes 50MP on as it is', async () => {
    const { fake, remove } = await remover({ 'processing.removeBgSize': '50MP' });
    await remove();
    assert.equal(((await fake.calls())[0]?.body as { size: string }).size, '50MP');
  });

  it('P8: a preview is small because it was asked for', async () => {
    const { remove } = await remover({ 'processing.removeBgSize': 'preview' });
    assert.equal(sizeOf(Buffer.from(await remove()))?.width, 500);
  });

  it('an image that came back small for lack of credits is no result', async () => {
    const { remove } = await remover({}, { credit: { removebg: 500_000 } });
    await rejectsWith(remove(), 'provider.credit', 'pauseJob');
  });

  it('images above ten megapixels come back whole, as WebP', async () => {
    const { remove } = await remover({ 'processing.removeBgSize': 'full' });
    const bytes = Buffer.from(await remove(png({ width: 4000, height: 3000, key: 'large' })));
    assert.deepEqual(sizeOf(bytes), { width: 4000, height: 3000, mime: 'image/webp' });
  });

  const rows: [string, Omit<Extract<Fault, { do: 'status' }>, 'do'>, ErrorCode, Reaction][] = [
    ['403', { status: 403 }, 'provider.auth', 'pauseJob'],
    ['402', { status: 402 }, 'provider.credit', 'pauseJob'],
    ['429', { status: 429 }, 'provider.rateLimited', 'retry'],
    ['500', { status: 500 }, 'provider.unavailable', 'retry'],
    ['502 with a page in HTML', { status: 502 }, 'provider.unavailable', 'retry'],
    ['400 unknown_foreground', { status: 400, code: 'unknown_foreground' }, 'content.refused', 'failItem'],
    ['400 failed_to_read_image', { status: 400, code: 'failed_to_read_image' }, 'image.invalid', 'failItem'],
    ['400 without a code', { status: 400, message: 'Failed to download image' }, 'input.invalid', 'failItem'],
  ];
  for (const [name, fault, code, reaction] of rows) {
    it(`R3: ${name} means ${reaction} (${code})`, async () => {
      const { fake, remove } = await remover();
      await fake.script({ kind: 'removeBackground', do: 'status', ...fault });
      await rejectsWith(remove(), code, reaction);
      assert.deepEqual(await fake.charges(), []);
    });
  }

  it('R6: waits as long as a 429 says, and ten seconds when it says nothing', async () => {
    const { fake, remove } = await remover();
    await fake.script({ kind: 'removeBackground', do: 'status', status: 429, times: 1 });
    await assert.rejects(remove(), (error) => isFactoryError(error) && error.retryAfterMs === 1000);
    const body = '{"errors":[{"title":"Rate limit exceeded"}]}';
    await fake.script({
      kind: 'removeBackground',
      do: 'body',
      status: 429,
      body,
      contentType: 'application/json',
    });
    await assert.rejects(remove(), (error) => isFactoryError(error) && error.retryAfterMs === 10_000);
  });

  for (const code of ['file_too_large', 'resolution_too_high']) {
    it(`R5: ${code} is tried once more with a smaller image`, async () => {
      const { fake, remove } = await remover();
      await fake.script({ kind: 'removeBackground', do: 'status', status: 400, code, times: 1 });
      assert.equal(sizeOf(Buffer.from(await remove()))?.width, 512);
      await fake.script({ kind: 'removeBackground', do: 'status', status: 400, code });
      await rejectsWith(remove(), 'image.tooLarge', 'failItem');
      assert.equal((await fake.calls()).length, 4);
    });
  }

  it('P13: an answer lost after sending ends "answer lost" and is never sent again', async () => {
    const { fake, remove, context } = await remover();
    await fake.script({ kind: 'removeBackground', do: 'reset', when: 'after' });
    const options = { attempts: 3, firstWaitMs: 0, signal: context.signal };
    await rejectsWith(
      withRetries(() => remove(), options),
      'answer.lost',
      'failItem',
    );
    assert.equal((await fake.charges()).length, 1);
  });

  it('P13: an image that breaks off, or a page instead of one, ends "answer lost"', async () => {
    const { fake, remove } = await remover();
    await fake.script({ kind: 'removeBackground', do: 'truncate', share: 0.5 });
    await rejectsWith(remove(), 'answer.lost', 'failItem');
    await fake.script({ kind: 'removeBackground', do: 'body', body: '<html>hello</html>' });
    await rejectsWith(remove(), 'answer.lost', 'failItem');
  });

  it('L3: a service that has gone says so and pauses', async () => {
    const { remove } = await remover({}, { removeBgRetired: true });
    await rejectsWith(remove(), 'provider.retired', 'pauseJob');
  });

  /** remove.bg's own address at a time of the test, answered by the fake service. */
  async function atOwnAddress(now: number): Promise<Bench & { remove: () => Promise<unknown> }> {
    const made = await bench();
    const http = createHttp();
    const background = createRemoveBg(
      {
        provider: 'removebg',
        service: 'Remove.bg',
        endpoint: 'https://api.remove.bg',
        key: made.fake.keys.removebg,
        http: {
          request: (request) =>
            http.request({
              ...request,
              url: request.url.replace('https://api.remove.bg', made.fake.endpoints.removebg),
            }),
          close: () => http.close(),
        },
        redact: (text) => text,
        now: () => now,
      },
      'auto',
      images,
    );
    const remove = async (): Promise<unknown> => {
      try {
        return await background.remove(image, '', made.context);
      } finally {
        http.close();
      }
    };
    return { ...made, remove };
  }

  const failures: [string, Fault, ErrorCode][] = [
    ['a refused key', { do: 'status', status: 403 }, 'provider.auth'],
    ['another 4xx', { do: 'status', status: 400, message: 'Bad request' }, 'input.invalid'],
    ['410', { do: 'status', status: 410 }, 'provider.retired'],
    ['5xx', { do: 'status', status: 503 }, 'provider.unavailable'],
    ['a page', { do: 'body', body: '<html>We have moved</html>', contentType: 'text/html' }, 'answer.lost'],
    ['a host that is gone', { do: 'reset', when: 'before' }, 'answer.lost'],
  ];
  for (const [name, fault, before] of failures) {
    it(`L3: ${name} is what it is before the end, and means that the service is gone after it`, async () => {
      for (const [now, code] of [
        [Date.UTC(2026, 11, 1, 8) - 1, before],
        [Date.UTC(2026, 11, 1, 8), 'provider.retired'],
      ] as const) {
        const { fake, remove } = await atOwnAddress(now);
        await fake.script({ kind: 'removeBackground', ...fault });
        await assert.rejects(remove(), (error) => isFactoryError(error, code), `${name} at ${now}`);
      }
    });
  }

  it('L3: who refuses an image has looked at it, so its service goes on for this customer', async () => {
    const { fake, remove } = await atOwnAddress(Date.UTC(2027, 0, 1));
    await fake.script({ kind: 'removeBackground', do: 'status', status: 400, code: 'unknown_foreground' });
    await assert.rejects(remove(), (error) => isFactoryError(error, 'content.refused'));
  });

  it('L3: after its end, any failure at remove.bg itself means that it is gone', async () => {
    const { fake } = await bench();
    const endpoints = { ...fake.endpoints, removebg: 'https://api.remove.bg' };
    const environment = { httpsProxy: 'http://127.0.0.1:9' };
    for (const [now, code] of [
      [Date.UTC(2026, 11, 1, 7, 59), 'network.proxy'],
      [Date.UTC(2026, 11, 1, 8), 'provider.retired'],
    ] as const) {
      const { providers } = await bench(settings, {}, { endpoints, environment, now: () => now });
      await assert.rejects(Promise.resolve(providers.background?.remove(image, '', contextOf())), (error) =>
        isFactoryError(error, code),
      );
    }
  });
});
