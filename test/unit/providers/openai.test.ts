import assert from 'node:assert/strict';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { reactionOf, withRetries, type Reaction } from '../../../src/engine/providers/retry.ts';
import { png } from '../../support/providers/images.ts';
import type { Fault } from '../../support/providers/script.ts';
import { accepted, bench, closeAll, contextOf, request } from './setup.ts';

const row = { Animal: 'fox' };
const ask = { instructions: 'Describe a fox in the snow.', row };
const photo = {
  bytes: png({ width: 32, height: 32, key: 'x' }),
  mime: 'image/png',
  detail: 'low',
} as const;
const image = { 'provider.image': 'openai' } as const;

const rejectsWith = (promise: Promise<unknown>, code: ErrorCode, reaction: Reaction): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(isFactoryError(error, code), String(error));
    assert.equal(error.provider, 'openai');
    assert.equal(reactionOf(error), reaction);
    return true;
  });

describe('OpenAI, text and vision', () => {
  afterEach(closeAll);

  it('P4: writes a prompt by structured output and knows what it cost', async () => {
    const { fake, providers, context } = await bench();
    const answer = await providers.text.writePrompt(ask, context);
    assert.match(answer.value, /fox in the snow/);
    assert.equal(answer.costMicroUsd, (await fake.charges())[0]?.microUsd);
    assert.match(answer.requestId ?? '', /^req_/);
    const body = (await fake.calls())[0]?.body as Record<string, unknown>;
    assert.equal('temperature' in body || 'max_completion_tokens' in body, false);
    // Not OpenAI itself: the parameter that compatible servers know.
    assert.equal(body['max_tokens'], 1024);
  });

  it('P7: the verdict is a boolean with a reason, and the image goes along in the chosen detail', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' });
    const answer = await providers.text.checkQuality('Is it a fox?', photo, context);
    assert.deepEqual(answer.value, { passed: false, reason: 'Two tails.' });
    assert.match(JSON.stringify((await fake.calls())[0]?.body), /"detail":"low"/);
  });

  it('P7: a verdict that is no boolean is no verdict', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'qualityCheck', do: 'say', text: '{"passed":"yes","reason":"ok"}' });
    await rejectsWith(
      providers.text.checkQuality('Is it a fox?', photo, context),
      'provider.badAnswer',
      'retry',
    );
  });

  it('P10: title, description and tags arrive clean', async () => {
    const { fake, providers, context } = await bench();
    const text = '{"title":" Fox ","description":"In snow","tags":["fox "," snow","fox",""]}';
    await fake.script({ kind: 'metadata', do: 'say', text });
    const answer = await providers.text.describe('Describe it.', 'A fox', photo, context);
    assert.deepEqual(answer.value, { title: 'Fox', description: 'In snow', tags: ['fox', 'snow'] });
  });

  it('falls back from schema to JSON to plain text on servers that know less, and remembers it', async () => {
    const { fake, providers, context } = await bench({}, { chat: { formats: ['text'] } });
    await providers.text.writePrompt(ask, context);
    await providers.text.writePrompt(ask, context);
    assert.deepEqual(
      (await fake.calls()).map((call) => call.status),
      [400, 400, 200, 200],
    );
  });

  it('R4: drops a parameter that a 400 names, once, and remembers it', async () => {
    const { fake, providers, context } = await bench({}, { chat: { refuses: ['max_tokens'] } });
    await providers.text.writePrompt(ask, context);
    await providers.text.writePrompt(ask, context);
    const calls = await fake.calls();
    assert.deepEqual(
      calls.map((call) => call.status),
      [400, 200, 200],
    );
    assert.ok('max_completion_tokens' in (calls[1]?.body as object));
  });

  it('R4: goes on without any limit where no name for it is known', async () => {
    const refuses = ['max_tokens', 'max_completion_tokens'];
    const { fake, providers, context } = await bench({}, { chat: { refuses } });
    await providers.text.writePrompt(ask, context);
    assert.equal((await fake.calls()).length, 3);
  });

  it('R5: an answer that was cut off is asked for once more with twice the room', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'prompt', do: 'length', times: 1 });
    const options = { attempts: 3, firstWaitMs: 0, signal: context.signal };
    await withRetries(() => providers.text.writePrompt(ask, context), options);
    assert.deepEqual(
      (await fake.calls()).map((call) => (call.body as Record<string, unknown>)['max_tokens']),
      [1024, 2048],
    );
  });

  it('P7: an unreadable answer is asked for once more and then given up', async () => {
    const { fake, providers, context } = await bench();
    await fake.script({ kind: 'prompt', do: 'say', text: 'I would rather talk.' });
    const options = { attempts: 3, firstWaitMs: 0, signal: context.signal };
    await rejectsWith(
      withRetries(() => providers.text.writePrompt(ask, context), options),
      'provider.badAnswer',
      'retry',
    );
    assert.equal((await fake.calls()).length, 2);
  });

  for (const effect of ['refuse', 'filter'] as const) {
    it(`R3: an answer that is a ${effect === 'refuse' ? 'refusal' : 'content filter'} fails this item`, async () => {
      const { fake, providers, context } = await bench();
      await fake.script({ kind: 'prompt', do: effect });
      await rejectsWith(providers.text.writePrompt(ask, context), 'content.refused', 'failItem');
    });
  }

  const rows: [string, Omit<Extract<Fault, { do: 'status' }>, 'do'>, ErrorCode, Reaction][] = [
    ['401', { status: 401 }, 'provider.auth', 'pauseJob'],
    ['402', { status: 402 }, 'provider.credit', 'pauseJob'],
    ['403', { status: 403 }, 'provider.modelGone', 'failJob'],
    ['404 model_not_found', { status: 404 }, 'provider.modelGone', 'failJob'],
    ['429 rate_limit_exceeded', { status: 429 }, 'provider.rateLimited', 'retry'],
    ['429 slow_down', { status: 429, code: 'slow_down' }, 'provider.rateLimited', 'retry'],
    ['429 insufficient_quota', { status: 429, code: 'insufficient_quota' }, 'provider.credit', 'pauseJob'],
    ['429 spend limit', { status: 429, code: 'project_spend_limit_exceeded' }, 'provider.credit', 'pauseJob'],
    ['408', { status: 408 }, 'provider.unavailable', 'retry'],
    ['409', { status: 409 }, 'provider.unavailable', 'retry'],
    ['500', { status: 500 }, 'provider.unavailable', 'retry'],
    ['502', { status: 502 }, 'provider.unavailable', 'retry'],
    ['503', { status: 503 }, 'provider.unavailable', 'retry'],
    ['504', { status: 504 }, 'provider.unavailable', 'retry'],
    ['400 context too long', { status: 400, code: 'context_length_exceeded' }, 'input.invalid', 'failItem'],
    ['400 other', { status: 400, code: 'invalid_request' }, 'input.invalid', 'failItem'],
    ['400 moderation', { status: 400, code: 'moderation_blocked' }, 'content.refused', 'failItem'],
    ['400 image too large', { status: 400, code: 'image_too_large' }, 'image.tooLarge', 'failItem'],
  ];
  for (const [name, fault, code, reaction] of rows) {
    it(`R3: ${name} means ${reaction} (${code})`, async () => {
      const { fake, providers, context } = await bench();
      await fake.script({ kind: 'prompt', do: 'status', ...fault });
      await rejectsWith(providers.text.writePrompt(ask, context), code, reaction);
    });
  }

  it('R5: an image that is too large is sent once more at half its width and height', async () => {
    const { fake, providers, context, rows } = await bench();
    const large = { ...photo, bytes: png({ width: 256, height: 128, key: 'x' }) };
    const fault = { do: 'status', status: 400, code: 'image_too_large' } as const;
    await fake.script({ kind: ['qualityCheck', 'metadata'], ...fault, times: 1 });
    assert.equal((await providers.text.checkQuality('Is it a fox?', large, context)).value.passed, true);
    await fake.script({ kind: 'metadata', ...fault });
    await rejectsWith(
      providers.text.describe('Name it.', 'a fox', large, context),
      'image.tooLarge',
      'failItem',
    );
    assert.deepEqual(
      (await fake.calls()).map(({ kind, status }) => `${kind} ${status}`),
      ['qualityCheck 400', 'qualityCheck 200', 'metadata 400', 'metadata 400'],
    );
    assert.equal(rows.filter((row) => row.includes('half the width and height')).length, 2);
  });

  it('R3: an empty account is asked exactly once', async () => {
    const { fake, providers, context } = await bench({}, { credit: { openai: 0 } });
    const options = { attempts: 3, firstWaitMs: 0, signal: context.signal };
    await rejectsWith(
      withRetries(() => providers.text.writePrompt(ask, context), options),
      'provider.credit',
      'pauseJob',
    );
    assert.equal((await fake.calls()).length, 1);
  });

  it('R6: the wait of a 429 comes from its headers', async () => {
    const { fake, providers, context } = await bench();
    const waits: (number | undefined)[] = [];
    const headers = [{ 'retry-after-ms': '40', 'retry-after': '9' }, { 'retry-after': '3' }, {}];
    for (const one of headers) {
      await fake.clearFaults();
      await fake.script({
        kind: 'prompt',
        do: 'status',
        status: 429,
        headers: one,
      });
      await assert.rejects(providers.text.writePrompt(ask, context), (error) => {
        waits.push(isFactoryError(error) ? error.retryAfterMs : undefined);
        return true;
      });
    }
    assert.deepEqual(waits, [40, 3000, 120]);
  });

  it('R10: a model that is switched off is named with its successor', async () => {
    const { providers, context } = await bench({ 'openai.model': 'gpt-4' });
    await assert.rejects(providers.text.writePrompt(ask, context), /gpt-4 off on 2026-10-23. Use gpt-6-luna/);
  });

  it('W5: environment variables of the SDK change neither address nor headers', async () => {
    const { fake, providers, context } = await bench();
    const names = {
      OPENAI_BASE_URL: 'http://127.0.0.1:9',
      OPENAI_CUSTOM_HEADERS: 'x-leak: 1',
      OPENAI_ORG_ID: 'org',
    };
    const before = Object.fromEntries(Object.keys(names).map((name) => [name, process.env[name]]));
    Object.assign(process.env, names);
    try {
      await providers.text.writePrompt(ask, context);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
    const headers = (await fake.calls())[0]?.headers ?? {};
    assert.equal('x-leak' in headers || 'openai-organization' in headers, false);
  });

  it('W5: a refused key is nowhere in the message', async () => {
    const wrong = 'sk-proj-wrongwrongwrongwrong1234';
    const { providers, context } = await bench({}, {}, { keys: () => Promise.resolve(wrong) });
    await assert.rejects(providers.text.writePrompt(ask, context), (error) => {
      assert.ok(isFactoryError(error, 'provider.auth'));
      assert.doesNotMatch(
        JSON.stringify([error.message, error.cause ?? '', error.stack]),
        /wrongwrong|1234|sk-proj/,
      );
      return true;
    });
  });
});

describe('OpenAI, images', () => {
  afterEach(closeAll);

  it('P6: images come inside the answer, with the cost shared to the last micro-dollar', async () => {
    const { fake, providers, context } = await bench(image);
    const result = await providers.image.generate(request({ count: 3 }), context, accepted);
    assert.equal(result.images.length, 3);
    const total = result.images.reduce((sum, one) => sum + (one.costMicroUsd ?? 0), 0);
    assert.equal(total, (await fake.charges())[0]?.microUsd);
    assert.ok(result.images.every((one) => one.source.kind === 'bytes' && one.source.bytes[1] === 0x50));
  });

  for (const when of ['before', 'after'] as const) {
    it(`P13: a connection that breaks ${when} the work ends "answer lost" and is never sent again`, async () => {
      const { fake, providers, context } = await bench(image);
      await fake.script({ kind: 'image', do: 'reset', when });
      const options = { attempts: 3, firstWaitMs: 0, signal: context.signal };
      await rejectsWith(
        withRetries(() => providers.image.generate(request(), context, accepted), options),
        'answer.lost',
        'failItem',
      );
      assert.equal((await fake.calls({ kind: 'image' })).length, 1);
    });
  }

  it('P13: an answer that never comes ends "answer lost" when its time is over', async () => {
    const { fake, providers } = await bench(image);
    await fake.script({ kind: 'image', do: 'hang' });
    await rejectsWith(
      providers.image.generate(request(), contextOf([], 150), accepted),
      'answer.lost',
      'failItem',
    );
  });

  it('P13: a server that does not listen was sent nothing, and may be tried again', async () => {
    const { fake, providers, context } = await bench(image);
    await fake.close();
    await assert.rejects(
      providers.image.generate(request(), context, accepted),
      (error) =>
        isFactoryError(error, 'network.unreachable') && error.notSent && reactionOf(error) === 'retry',
    );
  });

  it('R4: an optional image parameter that is refused is dropped once', async () => {
    const { fake, providers, context } = await bench(image);
    await fake.script({
      kind: 'image',
      do: 'status',
      status: 400,
      code: 'invalid_value',
      parameter: 'background',
      times: 1,
    });
    await providers.image.generate(request(), context, accepted);
    assert.equal('background' in ((await fake.calls())[1]?.body as object), false);
  });

  it('P13: a lost answer cannot be asked for', async () => {
    const { providers, context } = await bench(image);
    const asked = request();
    assert.deepEqual(await providers.image.recover(asked, asked.requestId, context), { state: 'cannotAsk' });
  });
});
