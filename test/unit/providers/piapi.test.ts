import assert from 'node:assert/strict';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { isAnswerLost, reactionOf, withRetries, type Reaction } from '../../../src/engine/providers/retry.ts';
import { sizeOf } from '../../support/providers/images.ts';
import type { Fault } from '../../support/providers/script.ts';
import { accepted, bench, closeAll, contextOf, request } from './setup.ts';

const settings = { 'provider.image': 'piapi' } as const;

const rejectsWith = (promise: Promise<unknown>, code: ErrorCode, reaction: Reaction): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(isFactoryError(error, code), String(error));
    assert.equal(error.provider, 'piapi');
    assert.equal(reactionOf(error), reaction);
    return true;
  });

describe('PiAPI', () => {
  afterEach(closeAll);

  it('R8: sends version, process mode and the aspect ratio of the generation', async () => {
    const { fake, providers, context } = await bench({ ...settings, 'midjourney.processMode': 'turbo' });
    for (const generation of [0, 1, 2, 3]) {
      await providers.image.generate(
        request({ generation, prompt: 'A fox --ar 2:3 --v 5' }),
        context,
        accepted,
      );
    }
    const inputs = (await fake.calls({ kind: 'image' })).map(
      (call) => (call.body as { input: Record<string, unknown> }).input,
    );
    assert.deepEqual(
      inputs.map((input) => input['aspect_ratio']),
      ['1:1', '16:9', '9:16', '1:1'],
    );
    assert.equal(inputs[0]?.['prompt'], 'A fox --v 6.1');
    assert.equal(inputs[0]['process_mode'], 'turbo');
  });

  it('R8: one task makes four images, of which as many are taken as were asked for', async () => {
    const { fake, providers, context } = await bench(settings, { polls: 2 });
    const keys: string[] = [];
    const result = await providers.image.generate(request({ count: 3 }), context, (key) => keys.push(key));
    assert.equal(result.images.length, 3);
    const charges = await fake.charges();
    assert.equal(charges.length, 1);
    assert.deepEqual(keys, [charges[0]?.task]);
  });

  it('R8: a grid is cut into its four images', async () => {
    const { providers, context } = await bench(settings, { grid: true, imageSize: 64 });
    const result = await providers.image.generate(request({ count: 4 }), context, accepted);
    const files = result.images.map((image) => {
      assert.ok(image.source.kind === 'bytes');
      return Buffer.from(image.source.bytes);
    });
    assert.deepEqual(
      files.map((bytes) => sizeOf(bytes)?.width),
      [64, 64, 64, 64],
    );
    assert.equal(new Set(files.map((bytes) => bytes.toString('base64'))).size, 4);
  });

  it('P13: asking goes on through failures of the asking', async () => {
    const { fake, providers, context } = await bench(settings);
    await fake.script(
      { kind: 'poll', do: 'status', status: 500, times: 1 },
      { kind: 'poll', do: 'reset', when: 'before', times: 1 },
    );
    await providers.image.generate(request(), context, accepted);
    assert.equal((await fake.charges()).length, 1);
  });

  it('P13: an accepted task is found again by its own id', async () => {
    const { fake, providers } = await bench(settings);
    await fake.script({ kind: 'image', do: 'stay', polls: 60 });
    const asked = request();
    let key = '';
    await assert.rejects(
      providers.image.generate(asked, contextOf([], 100), (id) => {
        key = id;
      }),
      (error) => isAnswerLost(error),
    );
    assert.deepEqual(await providers.image.recover(asked, key, contextOf()), { state: 'running' });
    for (;;) {
      const found = await providers.image.recover(asked, key, contextOf());
      if (found.state === 'running') continue;
      assert.ok(found.state === 'found');
      assert.equal(found.result.images.length, 1);
      break;
    }
    assert.equal((await fake.charges()).length, 1);
  });

  it('P13: a request without an acknowledgement cannot be asked for and is never sent again', async () => {
    const { fake, providers, context } = await bench(settings);
    await fake.script({ kind: 'image', do: 'reset', when: 'after' });
    const asked = request();
    const options = { attempts: 3, firstWaitMs: 0, signal: context.signal };
    await rejectsWith(
      withRetries(() => providers.image.generate(asked, context, accepted), options),
      'answer.lost',
      'failItem',
    );
    assert.equal((await fake.charges()).length, 1);
    assert.deepEqual(await providers.image.recover(asked, asked.requestId, context), { state: 'cannotAsk' });
  });

  const rows: [string, Omit<Extract<Fault, { do: 'status' }>, 'do'>, ErrorCode, Reaction][] = [
    ['401', { status: 401 }, 'provider.auth', 'pauseJob'],
    ['403', { status: 403 }, 'provider.auth', 'pauseJob'],
    ['402', { status: 402 }, 'provider.credit', 'pauseJob'],
    [
      '400 insufficient credit',
      { status: 400, message: 'insufficient credits' },
      'provider.credit',
      'pauseJob',
    ],
    ['400 banned prompt', { status: 400, message: 'Banned prompt: xyz' }, 'content.refused', 'failItem'],
    ['400 invalid prompt', { status: 400, message: 'invalid prompt' }, 'input.invalid', 'failItem'],
    ['400 other', { status: 400, message: 'no such mode' }, 'provider.parameter', 'failJob'],
    ['429', { status: 429 }, 'provider.rateLimited', 'retry'],
    ['500', { status: 500 }, 'provider.unavailable', 'retry'],
  ];
  for (const [name, fault, code, reaction] of rows) {
    it(`R3: ${name} means ${reaction} (${code})`, async () => {
      const { fake, providers, context } = await bench(settings);
      await fake.script({ kind: 'image', do: 'status', ...fault });
      await rejectsWith(providers.image.generate(request(), context, accepted), code, reaction);
    });
  }

  it('R8: a task that fails after it was accepted says why', async () => {
    const { fake, providers, context } = await bench(settings);
    await fake.script({
      kind: 'image',
      do: 'fail',
      code: 'moderation',
      message: 'Sensitive content',
      times: 1,
    });
    await rejectsWith(providers.image.generate(request(), context, accepted), 'content.refused', 'failItem');
    await fake.script({ kind: 'image', do: 'fail', code: 'x', message: 'Midjourney is busy', times: 1 });
    await rejectsWith(
      providers.image.generate(request(), context, accepted),
      'provider.unavailable',
      'retry',
    );
  });
});
