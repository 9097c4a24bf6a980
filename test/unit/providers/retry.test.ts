import assert from 'node:assert/strict';
import { errorCodes, FactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { createLimiter } from '../../../src/engine/providers/limiter.ts';
import {
  backoff,
  reactionOf,
  retryAfterOf,
  waitFor,
  withRetries,
  type RetryOptions,
} from '../../../src/engine/providers/retry.ts';
import { spoken } from '../../../src/engine/model/message.ts';

const error = (code: ErrorCode, retryAfterMs?: number): FactoryError =>
  new FactoryError(code, spoken(code), retryAfterMs === undefined ? {} : { retryAfterMs });

/** Fails with each error in turn, then succeeds; reports the waits instead of waiting. */
function scripted(
  errors: FactoryError[],
  options: Partial<RetryOptions> = {},
): {
  run: () => Promise<string>;
  waits: number[];
  calls: () => number;
} {
  const waits: number[] = [];
  let calls = 0;
  const run = (): Promise<string> =>
    withRetries(
      () => {
        const next = errors[calls++];
        return next === undefined ? Promise.resolve('done') : Promise.reject(next);
      },
      {
        attempts: 3,
        firstWaitMs: 1000,
        signal: new AbortController().signal,
        random: () => 0.5,
        sleep: (ms) => {
          waits.push(ms);
          return Promise.resolve();
        },
        ...options,
      },
    );
  return { run, waits, calls: () => calls };
}

const unavailable = (): FactoryError => error('provider.unavailable');

describe('Retries', () => {
  it('P13: doubles the wait from the first one and gives up after the attempts of the settings', async () => {
    const { run, waits, calls } = scripted(Array.from({ length: 9 }, unavailable));
    await assert.rejects(run(), { code: 'provider.unavailable' });
    assert.deepEqual([waits, calls()], [[1000, 2000, 4000], 4]);
  });

  it('P13: no attempts means one call', async () => {
    const { run, calls } = scripted([unavailable()], { attempts: 0 });
    await assert.rejects(run());
    assert.equal(calls(), 1);
  });

  it('P13: jitter is at most 30 %, and no wait is above 30 s', () => {
    assert.deepEqual([backoff(1000, 0, 0), backoff(1000, 0, 1)], [700, 1300]);
    assert.equal(backoff(60_000, 5, 1), 30_000);
    assert.equal(backoff(1000, 1000, 0.5), 30_000);
  });

  it('P13: a wait that the provider asks for uses no attempt', async () => {
    const busy = Array.from({ length: 12 }, () => error('provider.rateLimited', 500));
    const { run, waits } = scripted([...busy, unavailable()], { attempts: 1 });
    assert.equal(await run(), 'done');
    assert.deepEqual(waits, [...busy.map(() => 500), 1000]);
  });

  it('P13: a wait longer than two minutes is handed up and pauses the job', async () => {
    const { run, waits } = scripted([error('provider.rateLimited', 121_000)]);
    await assert.rejects(run(), (thrown: FactoryError) => reactionOf(thrown) === 'pauseJob');
    assert.deepEqual(waits, []);
  });

  it('P13: a provider that is busy without end is asked for twenty minutes, then its error is handed up', async () => {
    const { run, waits } = scripted(
      Array.from({ length: 1000 }, () => error('provider.rateLimited', 60_000)),
    );
    await assert.rejects(run(), { code: 'provider.rateLimited' });
    assert.equal(waits.length, 20);
  });

  it('P13: a busy provider that names no time is never asked again at once', async () => {
    const { run, waits } = scripted([error('provider.rateLimited')], { firstWaitMs: 0 });
    await run();
    assert.deepEqual(waits, [250]);
  });

  it('P7: an unreadable answer is asked for once more, not oftener', async () => {
    const { run, calls } = scripted(Array.from({ length: 5 }, () => error('provider.badAnswer')));
    await assert.rejects(run(), { code: 'provider.badAnswer' });
    assert.equal(calls(), 2);
  });

  it('P13: permanent errors are not tried again', async () => {
    for (const code of errorCodes) {
      if (reactionOf(error(code)) === 'retry') continue;
      const { run, calls } = scripted([error(code)]);
      await assert.rejects(run(), { code });
      assert.equal(calls(), 1, code);
    }
  });

  it('P13: the caller may forbid sending again', async () => {
    const { run, calls } = scripted([error('network.timeout')], { mayResend: () => false });
    await assert.rejects(run(), { code: 'network.timeout' });
    assert.equal(calls(), 1);
  });

  it('J2: a stop ends the wait at once', async () => {
    const stop = new AbortController();
    const waiting = withRetries(() => Promise.reject(unavailable()), {
      attempts: 1,
      firstWaitMs: 60_000,
      signal: stop.signal,
      onWait: () => queueMicrotask(() => stop.abort()),
    });
    await assert.rejects(waiting, { code: 'cancelled' });
    await assert.rejects(waitFor(1, stop.signal), { code: 'cancelled' });
  });

  it('R6: reads the wait from every form of header', () => {
    const now = Date.UTC(2026, 10, 22, 12, 0, 0);
    const cases: [Record<string, string>, number | undefined][] = [
      [{ 'retry-after-ms': '120.5', 'retry-after': '9' }, 121],
      [{ 'retry-after': '2' }, 2000],
      [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
      [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
      [{ 'retry-after': '-5' }, undefined],
      [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
      [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m2.5s' }, 62_500],
      [{ 'x-ratelimit-remaining-requests': '7', 'x-ratelimit-reset-requests': '6m0s' }, undefined],
      [{}, undefined],
    ];
    for (const [headers, expected] of cases)
      assert.equal(retryAfterOf(headers, now), expected, JSON.stringify(headers));
  });
});

describe('Calls at once', () => {
  const { signal } = new AbortController();

  /** Calls that stay open until they are let go. */
  function gate(): {
    call: () => Promise<void>;
    letGo: () => void;
    fail: (thrown: Error) => void;
    open: () => number;
  } {
    const waiting: { resolve: () => void; reject: (thrown: Error) => void }[] = [];
    return {
      call: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
      letGo: () => waiting.shift()?.resolve(),
      fail: (thrown) => waiting.shift()?.reject(thrown),
      open: () => waiting.length,
    };
  }

  it('P1: never more than the limit, in the order of asking', async () => {
    const limiter = createLimiter(2);
    const one = gate();
    const runs = [1, 2, 3].map(() => limiter.run(one.call, signal));
    await Promise.resolve();
    assert.equal(limiter.inFlight, 2);
    one.letGo();
    await runs[0];
    assert.equal(limiter.inFlight, 2);
    one.letGo();
    await runs[1];
    one.letGo();
    await runs[2];
    assert.equal(limiter.inFlight, 0);
  });

  it('R6: "too many" halves the calls once per burst, never below one; twenty successes give one back', async () => {
    const limiter = createLimiter(8);
    const one = gate();
    const busy = Array.from({ length: 8 }, () => limiter.run(one.call, signal));
    await Promise.resolve();
    await Promise.resolve();
    for (let i = 0; i < 8; i++) one.fail(error('provider.rateLimited'));
    await Promise.allSettled(busy);
    assert.equal(limiter.limit, 4);
    for (let i = 0; i < 3; i++) {
      await assert.rejects(limiter.run(() => Promise.reject(error('provider.rateLimited')), signal));
    }
    assert.equal(limiter.limit, 1);
    for (let i = 0; i < 20; i++) await limiter.run(() => Promise.resolve(), signal);
    assert.equal(limiter.limit, 2);
  });

  it('P13: a wait that the provider names holds for every call', async () => {
    const limiter = createLimiter(4);
    const asked = performance.now();
    await assert.rejects(limiter.run(() => Promise.reject(error('provider.rateLimited', 60)), signal));
    const starts = await Promise.all(
      [1, 2, 3].map(() => limiter.run(() => Promise.resolve(performance.now()), signal)),
    );
    for (const start of starts) assert.ok(start - asked >= 60, `started after ${start - asked} ms`);
    assert.equal(limiter.inFlight, 0);
    await assert.rejects(limiter.run(() => Promise.reject(error('provider.rateLimited', 60_000)), signal));
    const stop = new AbortController();
    const held = limiter.run(() => Promise.resolve(), stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(held, { code: 'cancelled' });
  });

  it('J1: a call that still waits is let go by a stop', async () => {
    const limiter = createLimiter(1);
    const one = gate();
    const first = limiter.run(one.call, signal);
    const stop = new AbortController();
    const second = limiter.run(one.call, stop.signal);
    stop.abort();
    await assert.rejects(second, { code: 'cancelled' });
    one.letGo();
    await first;
    assert.equal(one.open(), 0);
  });
});
