import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { isAnswerLost, reactionOf, type Reaction } from '../../../src/engine/providers/retry.ts';
import { png } from '../../support/providers/images.ts';
import type { Fault } from '../../support/providers/script.ts';
import { accepted, bench, closeAll, contextOf, request } from './setup.ts';

const failsWith =
  (code: ErrorCode, text?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isFactoryError(error), String(error));
    assert.equal(error.code, code, error.message);
    if (text !== undefined) assert.match(error.message, text);
    return true;
  };

describe('Runware', () => {
  afterEach(closeAll);

  it('P5: makes all variations in one request and takes them in any order', async () => {
    const { fake, providers, context } = await bench();
    const result = await providers.image.generate(request({ count: 4, seed: 7 }), context, accepted);
    assert.equal(result.images.length, 4);
    assert.deepEqual(result.images.map((image) => image.seed).sort(), [10, 7, 8, 9]);
    assert.equal((await fake.calls({ kind: 'image' })).length, 1);
    const files = await Promise.all(
      result.images.map((image) => {
        assert.ok(image.source.kind === 'url');
        return providers.download(image.source.url, 'raster', context);
      }),
    );
    assert.equal(new Set(files.map((bytes) => Buffer.from(bytes).toString('base64'))).size, 4);
    assert.equal(result.images[0]?.costMicroUsd, 1900);
  });

  it('P5: sends what the settings say, and nothing that the model does not take', async () => {
    const { fake, providers, context } = await bench({
      'generation.negativePrompt': 'blurry',
      'runware.loraEnabled': true,
      'runware.lora': ['civitai:144142@160130', 'civitai:1@2:0.5'],
      'runware.advancedEnabled': true,
      'runware.cfgScale': 3.5,
      'runware.steps': 28,
      'runware.scheduler': 'Euler',
      'runware.checkNsfw': true,
      'runware.format': 'webp',
    });
    await providers.image.generate(request({ seed: 5 }), context, accepted);
    const body = (await fake.calls())[0]?.body as Record<string, unknown>;
    assert.equal(body['outputFormat'], 'WEBP');
    assert.equal(body['negativePrompt'], 'blurry');
    assert.deepEqual(body['lora'], [
      { model: 'civitai:144142@160130', weight: 1 },
      { model: 'civitai:1@2', weight: 0.5 },
    ]);
    assert.deepEqual(
      [body['CFGScale'], body['steps'], body['scheduler'], body['seed'], body['safety']],
      [3.5, 28, 'Euler', 5, { checkContent: true }],
    );
  });

  it('P5: leaves the advanced options out while they are switched off', async () => {
    const { fake, providers, context } = await bench({ 'runware.cfgScale': 3.5, 'runware.checkNsfw': true });
    await providers.image.generate(request(), context, accepted);
    const body = (await fake.calls())[0]?.body as Record<string, unknown>;
    assert.equal('CFGScale' in body || 'safety' in body, false);
  });

  it('P5: vector models use their own task, take no raster options and deliver SVG', async () => {
    const { fake, providers, context } = await bench({
      'runware.model': 'recraft:v4@vector',
      'runware.format': 'svg',
      'generation.negativePrompt': 'blurry',
      'runware.advancedEnabled': true,
      'runware.steps': 9,
    });
    const result = await providers.image.generate(request({ width: 1024, height: 1024 }), context, accepted);
    const source = result.images[0]?.source;
    assert.ok(source?.kind === 'url');
    const bytes = await providers.download(source.url, 'svg', context);
    assert.match(Buffer.from(bytes).toString(), /^<svg/);
    assert.equal((await fake.calls({ kind: 'vectorize' })).length, 1);
  });

  it('P5: slow models are asked for until their images are there', async () => {
    const { fake, providers, context } = await bench({ 'runware.model': 'bfl:5@1' }, { polls: 3 });
    const result = await providers.image.generate(request({ count: 2 }), context, accepted);
    assert.equal(result.images.length, 2);
    assert.equal((await fake.calls({ kind: 'poll' })).length, 4);
  });

  it('P13: asking for a slow task goes on through server errors, without sending it again', async () => {
    const { fake, providers, context } = await bench({ 'runware.model': 'bfl:5@1' });
    await fake.script({ kind: 'poll', do: 'status', status: 503, times: 2 });
    await providers.image.generate(request(), context, accepted);
    assert.equal((await fake.charges()).length, 1);
  });

  it('P13: a slow task that is not done in time can be asked for afterwards', async () => {
    const { fake, providers, rows } = await bench({ 'runware.model': 'bfl:5@1' });
    await fake.script({ kind: 'image', do: 'stay', polls: -1 });
    const asked = request();
    await assert.rejects(providers.image.generate(asked, contextOf(rows, 120), accepted), (error) =>
      isAnswerLost(error),
    );
    assert.deepEqual(await providers.image.recover(asked, asked.requestId, contextOf()), {
      state: 'running',
    });
  });

  it('P14: flags of the content check arrive with the image', async () => {
    const { fake, providers, context } = await bench({
      'runware.advancedEnabled': true,
      'runware.checkNsfw': true,
    });
    await fake.script({ kind: 'image', do: 'flag' });
    const result = await providers.image.generate(request(), context, accepted);
    assert.equal(result.images[0]?.flagged, true);
  });

  it('P5: images and errors of one answer are both kept', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'image', do: 'partial', missing: 1, code: 'nsfwContentDetected' });
    const result = await providers.image.generate(request({ count: 3 }), context, accepted);
    assert.equal(result.images.length, 2);
    assert.deepEqual(
      result.failures.map((failure) => failure.error.code),
      ['content.refused'],
    );
  });

  it('P5: images that are silently missing leave room for a top-up', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'image', do: 'partial', missing: 1 });
    const result = await providers.image.generate(request({ count: 3 }), context, accepted);
    assert.deepEqual([result.images.length, result.failures.length], [2, 0]);
  });

  it('R4: drops an optional parameter that the model refuses, once, and remembers it', async () => {
    const { fake, providers, context } = await bench({
      'runware.model': 'civitai:1@fixed',
      'runware.advancedEnabled': true,
      'runware.steps': 20,
      'runware.scheduler': 'Euler',
    });
    await providers.image.generate(request(), context, accepted);
    await providers.image.generate(request(), context, accepted);
    assert.deepEqual(
      (await fake.calls({ kind: 'image' })).map((call) => call.status),
      [400, 200, 200],
    );
  });

  it('R4: a required parameter that the model refuses fails the job', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({
      kind: 'image',
      do: 'status',
      status: 400,
      code: 'unsupportedParameter',
      parameter: 'width',
    });
    await assert.rejects(
      providers.image.generate(request(), context, accepted),
      failsWith('provider.parameter', /width/),
    );
  });

  const rows: [string, Omit<Extract<Fault, { do: 'status' }>, 'do'>, ErrorCode, Reaction][] = [
    ['401', { status: 401 }, 'provider.auth', 'pauseJob'],
    ['403', { status: 403 }, 'provider.auth', 'pauseJob'],
    ['402', { status: 402 }, 'provider.credit', 'pauseJob'],
    ['insufficientCredits', { status: 400, code: 'insufficientCredits' }, 'provider.credit', 'pauseJob'],
    ['429', { status: 429 }, 'provider.rateLimited', 'retry'],
    [
      'providerRateLimitExceeded',
      { status: 400, code: 'providerRateLimitExceeded' },
      'provider.rateLimited',
      'retry',
    ],
    ['500', { status: 500 }, 'provider.unavailable', 'retry'],
    ['503', { status: 503 }, 'provider.unavailable', 'retry'],
    ['504', { status: 504 }, 'provider.unavailable', 'retry'],
    ['timeoutProvider', { status: 400, code: 'timeoutProvider' }, 'provider.unavailable', 'retry'],
    ['inferenceError', { status: 400, code: 'inferenceError' }, 'provider.unavailable', 'retry'],
    ['noAvailableServer', { status: 400, code: 'noAvailableServer' }, 'provider.unavailable', 'retry'],
    ['providerError', { status: 400, code: 'providerInternalError' }, 'provider.unavailable', 'retry'],
    ['promptBlocked', { status: 400, code: 'promptBlocked' }, 'content.refused', 'failItem'],
    [
      'contentPolicyViolation',
      { status: 400, code: 'contentPolicyViolation' },
      'content.refused',
      'failItem',
    ],
    ['invalidModel', { status: 400, code: 'invalidModel' }, 'provider.modelGone', 'failJob'],
    ['modelDisabled', { status: 400, code: 'modelDisabled' }, 'provider.modelGone', 'failJob'],
    [
      'invalidWidth',
      { status: 400, code: 'invalidWidth', parameter: 'width' },
      'provider.parameter',
      'failJob',
    ],
    [
      'invalidPositivePrompt',
      { status: 400, code: 'invalidPositivePrompt', parameter: 'positivePrompt' },
      'input.invalid',
      'failItem',
    ],
  ];
  for (const [name, fault, code, reaction] of rows) {
    it(`R3: ${name} means ${reaction} (${code})`, async () => {
      const { fake, providers, context } = await bench();
      await fake.script({ kind: 'image', do: 'status', ...fault });
      await assert.rejects(providers.image.generate(request(), context, accepted), (error) => {
        assert.ok(isFactoryError(error, code), String(error));
        assert.equal(error.provider, 'runware');
        assert.equal(reactionOf(error), reaction);
        return true;
      });
    });
  }

  it('R6: a 429 with Retry-After says how long to wait', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'image', do: 'status', status: 429, headers: { 'retry-after': '7' } });
    await assert.rejects(
      providers.image.generate(request(), context, accepted),
      (error) => isFactoryError(error) && error.retryAfterMs === 7000,
    );
  });

  it('R3: a prompt that is too long costs nothing and fails this slot only', async () => {
    const { fake, providers, context } = await bench();
    await assert.rejects(
      providers.image.generate(request({ prompt: 'x'.repeat(3001) }), context, accepted),
      failsWith('input.invalid', /3001 characters/),
    );
    assert.deepEqual(await fake.calls(), []);
  });

  it('P13: a connection that breaks after the work was done is asked for, and nothing is paid twice', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'image', do: 'reset', when: 'after' });
    const asked = request({ count: 2 });
    await assert.rejects(providers.image.generate(asked, context, accepted), (error) => isAnswerLost(error));
    const found = await providers.image.recover(asked, asked.requestId, context);
    assert.ok(found.state === 'found');
    assert.equal(found.result.images.length, 2);
    assert.equal((await fake.charges()).length, 1);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('P13: a request that never arrived is not found, and may be sent', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'image', do: 'reset', when: 'before' });
    const asked = request();
    await assert.rejects(providers.image.generate(asked, context, accepted), (error) => isAnswerLost(error));
    assert.deepEqual(await providers.image.recover(asked, asked.requestId, context), { state: 'notFound' });
  });

  it('P13: a task that is still at work says so', async () => {
    const { fake, providers, context } = await bench({}, { latency: { image: 60_000 } });
    const asked = request();
    const stop = new AbortController();
    const sent = providers.image.generate(asked, { ...context, signal: stop.signal }, accepted);
    await fake.waitForCalls('image', 1);
    stop.abort();
    await assert.rejects(sent, failsWith('cancelled'));
    assert.deepEqual(await providers.image.recover(asked, asked.requestId, context), { state: 'running' });
  });

  it('P13: a lost task that failed there is found as a failure', async () => {
    const { fake, providers, context } = await bench({ 'runware.model': 'bfl:5@1' });
    await fake.script({ kind: 'image', do: 'fail', code: 'providerContentPolicyViolation', message: 'no' });
    const asked = request();
    await assert.rejects(providers.image.generate(asked, context, accepted), failsWith('content.refused'));
    const found = await providers.image.recover(asked, asked.requestId, context);
    assert.ok(found.state === 'found');
    assert.deepEqual(found.result.images, []);
    assert.equal(found.result.failures[0]?.error.code, 'content.refused');
    assert.deepEqual(await fake.charges(), []);
  });

  it('P13: an id that was used before brings its own result instead of a second one', async () => {
    const { fake, providers, context } = await bench();
    const asked = request();
    const first = await providers.image.generate(asked, context, accepted);
    const again = await providers.image.generate(asked, context, accepted);
    assert.deepEqual(
      again.images.map((image) => image.providerImageId),
      first.images.map((image) => image.providerImageId),
    );
    assert.equal((await fake.charges()).length, 1);
  });

  it('P13: an error page instead of an answer is lost, not failed: the task may be at work', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'image', do: 'body', status: 502, body: '<html>Bad Gateway</html>', times: 1 });
    await fake.script({ kind: 'image', do: 'body', status: 200, body: '<html>hello</html>', times: 1 });
    for (let i = 0; i < 2; i++) {
      await assert.rejects(providers.image.generate(request(), context, accepted), (error) =>
        isAnswerLost(error),
      );
    }
  });

  it('S2: dimensions outside the catalogue are refused by the service by name', async () => {
    const { providers, context } = await bench();
    await assert.rejects(
      providers.image.generate(request({ width: 1000 }), context, accepted),
      failsWith('provider.parameter', /width/),
    );
  });

  it('P4: Midjourney flags never reach Runware', async () => {
    const { fake, providers, context } = await bench();
    await providers.image.generate(request({ prompt: 'A red fox --ar 16:9 --v 6.1' }), context, accepted);
    assert.equal((await fake.calls())[0]?.text, 'A red fox');
  });
});

describe('Background removal by Runware', () => {
  afterEach(closeAll);
  const settings = { 'processing.removeBackground': true } as const;
  const image = png({ width: 64, height: 48, key: 'cup' });

  it('P8: cuts out, with its cost, and without a second address', async () => {
    const { fake, providers, context } = await bench(settings);
    assert.ok(providers.background);
    const result = await providers.background.remove(image, randomUUID(), context);
    assert.equal(result.costMicroUsd, 600);
    const bytes = Buffer.from(result.value.bytes);
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25]], [64, 48, 6]);
    assert.deepEqual(await fake.calls({ kind: 'download' }), []);
  });

  it('P13: a lost cut-out is asked for by its id and not paid twice', async () => {
    const { fake, providers, context } = await bench(settings);
    await fake.script({ kind: 'removeBackground', do: 'reset', when: 'after' });
    const id = randomUUID();
    assert.ok(providers.background);
    await assert.rejects(providers.background.remove(image, id, context), (error) => isAnswerLost(error));
    const found = await providers.background.recover(id, context);
    assert.equal(found.state, 'found');
    assert.equal((await fake.charges()).length, 1);
    assert.deepEqual(await providers.background.recover(randomUUID(), context), { state: 'notFound' });
  });
});
