/** Every provider in each of its roles, against its fake: the cases and their meaning are in `contract.ts`. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import type { Role } from '../../../src/engine/providers/descriptor.ts';
import { testKey } from '../../../src/engine/providers/keyTest.ts';
import { descriptorOf, keyedProviders, type KeyedProvider } from '../../../src/engine/providers/registry.ts';
import { reactionOf, withRetries } from '../../../src/engine/providers/retry.ts';
import { lostCases, otherCases, statusCases, type ContractCase } from '../../support/providers/contract.ts';
import { fakeEndpoints, fakes } from '../../support/providers/fakes.ts';
import type { Fault } from '../../support/providers/script.ts';
import { accepted, bench, closeAll, contextOf, request } from './setup.ts';
import { endsWith, failure, roles, trialOf, type Trial } from './trial.ts';
import { said } from '../../support/engine/said.ts';

function meaning(trial: Trial, name: ContractCase, common: ErrorCode): ErrorCode | null {
  const own = trial.contract.codes?.[name];
  return own === undefined ? common : own;
}

function calls(trial: Trial): Promise<number> {
  return trial.fake.calls({ service: trial.provider, kind: trial.kind }).then((all) => all.length);
}

async function paidAtMostOnce(trial: Trial): Promise<void> {
  assert.deepEqual(await trial.fake.paidTwice(), []);
}

const lostFaults: Record<keyof typeof lostCases, Fault | null> = {
  'a page instead of an answer': { do: 'body', body: '<html>We are working on it.</html>' },
  'an empty answer': { do: 'body', body: '', contentType: 'application/json' },
  'JSON of another shape': { do: 'body', body: '{"hello":[1]}', contentType: 'application/json' },
  'JSON that ends early': { do: 'truncate', share: 0.5, quietly: true },
  'a body that is cut off': { do: 'truncate', share: 0.5 },
  'a connection that breaks before the work': { do: 'reset', when: 'before' },
  'a connection that breaks after the work': { do: 'reset', when: 'after' },
  'no answer in time': null,
};

const others: Record<(typeof otherCases)[number], (trial: Trial) => Promise<void>> = {
  answers: async (trial) => {
    await trial.call();
    assert.equal(await calls(trial), 1);
    await paidAtMostOnce(trial);
  },
  'leaves the key nowhere': async (trial) => {
    await trial.call();
    assert.ok(trial.rows.length > 0, 'the log has a technical row');
    const left = JSON.stringify([trial.rows, await trial.fake.calls()]);
    assert.equal(left.includes(trial.key), false);
  },
  'names the request': async (trial) => {
    assert.match((await trial.call()).requestId ?? '', /^req_|^[0-9a-f-]{36}$/);
  },
  'knows what it cost': async (trial) => {
    const { costMicroUsd } = await trial.call();
    const [charge] = await trial.fake.charges({ service: trial.provider });
    assert.equal(costMicroUsd, trial.contract.cost === 'known' ? charge?.microUsd : null);
  },
  'has a worst price that covers the cost': async (trial) => {
    const worst = roles[trial.role].worst(trial.providers);
    const { costMicroUsd } = await trial.call();
    if (worst !== null) assert.ok(worst >= (costMicroUsd ?? 0), `${worst} < ${String(costMicroUsd)}`);
    // What nobody knows is not priced: the budget counts it as unknown.
    else assert.equal(descriptorOf(trial.provider).roles.text?.price ?? null, null);
  },
  'takes fields that it does not know': async (trial) => {
    await trial.fault({ do: 'extra' });
    await trial.call();
  },
  'takes an answer that trickles in': async (trial) => {
    await trial.fault({ do: 'slow', bytes: 64, everyMs: 0 });
    await trial.call();
  },
  'keeps two calls apart': async (trial) => {
    const [first, second] = await Promise.all([trial.call(), trial.call()]);
    assert.notEqual(first.requestId, second.requestId);
    assert.equal(await calls(trial), 2);
  },
  'a key that is missing': async ({ provider, role, contract, fake }) => {
    const none = trialOf(provider, role, contract, { keys: (asked) => keyBut(provider, asked, null) });
    const error = await failure(none);
    assert.deepEqual([error.code, error.provider], ['key.missing', provider]);
    assert.deepEqual(await fake.calls(), []);
  },
  'a key with a line break': async ({ provider, role, contract }) => {
    const error = await failure(
      trialOf(provider, role, contract, { keys: (asked) => keyBut(provider, asked, 'one\ntwo') }),
    );
    assert.deepEqual([error.code, error.provider], ['provider.auth', provider]);
  },
  'a key that is wrong': async ({ provider, role, contract }) => {
    const wrong = `wrong-${randomUUID()}`;
    const trial = await trialOf(provider, role, contract, {
      keys: (asked) => keyBut(provider, asked, wrong),
    });
    const error = await failure(trial.call());
    assert.deepEqual([error.code, reactionOf(error)], ['provider.auth', 'pauseJob']);
    assert.equal(error.message.includes(wrong), false);
  },
  'a status 429 with a time to wait': async (trial) => {
    await trial.fault({ do: 'status', status: 429, headers: { 'retry-after': '7' } });
    const error = await failure(trial.call());
    assert.deepEqual(
      [error.code, error.retryAfterMs, reactionOf(error)],
      ['provider.rateLimited', 7000, 'retry'],
    );
  },
  'a status 429 with a long time to wait': async (trial) => {
    await trial.fault({ do: 'status', status: 429, headers: { 'retry-after': '3600' } });
    assert.equal(reactionOf(await failure(trial.call())), 'pauseJob');
  },
  'a page with status 502': async (trial) => {
    await trial.fault({ do: 'body', status: 502, body: '<html>Bad gateway</html>' });
    await endsWith(trial, trial.call(), meaning(trial, 'a page with status 502', 'provider.unavailable'));
  },
  'the key in the words of an error': async (trial) => {
    await trial.fault({ do: 'status', status: 503, message: `No ${trial.key} today` });
    const error = await failure(trial.call());
    assert.equal(error.message.includes(trial.key), false);
    assert.match(error.message, /No \[redacted\] today/);
  },
  'endless words of an error': async (trial) => {
    await trial.fault({ do: 'status', status: 503, message: 'why oh '.repeat(2000) });
    assert.ok((await failure(trial.call())).message.length < 800);
  },
  'an abort before the call': async (trial) => {
    const error = await failure(trial.call({ ...trial.context, signal: AbortSignal.abort() }));
    assert.equal(error.code, 'cancelled');
    assert.equal(await calls(trial), 0);
  },
  'an abort while it waits': async (trial) => {
    const abort = new AbortController();
    await trial.fake.change({ hold: [trial.kind] });
    const waiting = failure(trial.call({ ...trial.context, signal: abort.signal }));
    await trial.fake.waitForCalls(trial.kind, 1);
    abort.abort();
    assert.equal((await waiting).code, 'cancelled');
    await trial.fake.change({ hold: [] });
  },
  'an address where nobody answers': async ({ provider, role, contract }) => {
    const trial = await trialOf(provider, role, contract, { endpoints: fakeEndpoints() });
    const error = await failure(trial.call());
    assert.deepEqual([error.code, error.notSent, reactionOf(error)], ['network.unreachable', true, 'retry']);
  },
  'a redirect to another host': async (trial) => {
    const elsewhere = `http://127.0.0.1:${trial.fake.ports.images}/ii/x.png`;
    await trial.fault({ do: 'redirect', to: elsewhere });
    await failure(trial.call());
    assert.deepEqual(await trial.fake.calls({ service: 'images' }), [], 'nobody went there with the key');
  },
  'refused content': async (trial) => {
    await trial.fault({ do: 'status', ...trial.contract.refuses });
    const error = await failure(trial.call());
    assert.deepEqual([error.code, reactionOf(error)], ['content.refused', 'failItem'], error.message);
  },
  'flagged content': async (trial) => {
    await trial.fault({ do: 'flag' });
    const asked = request({ width: 512, height: 512 });
    const { images } = await trial.providers.image.generate(asked, trial.context, accepted);
    assert.deepEqual(
      images.map(({ flagged }) => flagged),
      [true],
    );
  },
  'several images of one request': async (trial) => {
    const count = Math.min(3, trial.providers.image.maxPerRequest);
    assert.equal((await trial.call(trial.context, randomUUID(), count)).images, count);
    assert.equal(await calls(trial), 1);
    await paidAtMostOnce(trial);
  },
  'fewer images than were asked for': async (trial) => {
    await trial.fault({ do: 'partial', missing: 1, code: 'contentPolicyViolation' });
    const asked = request({ count: 3, width: 512, height: 512 });
    const result = await trial.providers.image.generate(asked, trial.context, accepted);
    assert.equal(result.images.length, 2);
    assert.ok(result.failures.length <= 1, 'nothing is said of a slot that may be filled again');
  },
  'an answer that was lost is asked for': async (trial) => {
    const id = randomUUID();
    await trial.fault({ do: 'reset', when: 'after', times: 1 });
    await failure(trial.call(trial.context, id));
    const state = await roles[trial.role].recover(trial.providers, trial.context, id);
    assert.equal(state, trial.contract.lostForGood === true ? 'cannotAsk' : 'found');
    assert.equal(await calls(trial), 1, 'it was not sent again');
    await paidAtMostOnce(trial);
  },
  'an answer that nobody knows is asked for': async (trial) => {
    const state = await roles[trial.role].recover(trial.providers, trial.context, randomUUID());
    assert.equal(state, trial.contract.lostForGood === true ? 'cannotAsk' : 'notFound');
  },
  'a second and third try': async (trial) => {
    await trial.fault({ do: 'status', status: 503, times: 2 });
    const id = randomUUID();
    const options = { attempts: 3, firstWaitMs: 0, signal: trial.context.signal };
    await withRetries(() => trial.call(trial.context, id), options);
    assert.equal(await calls(trial), 3);
    assert.equal((await trial.fake.charges({ service: trial.provider })).length, 1);
  },
};

/** The keys of a test, with another one for a single provider. */
function keyBut(provider: KeyedProvider, asked: KeyedProvider, key: string | null): Promise<string | null> {
  return Promise.resolve(asked === provider ? key : 'a-key-of-the-others');
}

/** Time stands still until the call has arrived, and is over then. */
async function outOfTime(trial: Trial): Promise<void> {
  await trial.fault({ do: 'hang' });
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const ended = endsWith(trial, trial.call(contextOf([], 5000)), lostMeaning(trial, 'no answer in time'));
    await trial.fake.waitForCalls(trial.kind, 1);
    mock.timers.tick(5000);
    await ended;
  } finally {
    mock.timers.reset();
  }
}

function lostMeaning(trial: Trial, name: keyof typeof lostCases): ErrorCode | null {
  return meaning(trial, name, trial.contract.lostForGood === true ? 'answer.lost' : lostCases[name]);
}

const cases: [ContractCase, (trial: Trial) => Promise<void>][] = [
  ...otherCases.map((name): [ContractCase, (trial: Trial) => Promise<void>] => [name, others[name]]),
  ...keysOf(statusCases).map((name): [ContractCase, (trial: Trial) => Promise<void>] => [
    name,
    async (trial) => {
      await trial.fault({ do: 'status', status: Number(name.replace('status ', '')) });
      await endsWith(trial, trial.call(), meaning(trial, name, statusCases[name]));
      assert.deepEqual(await trial.fake.charges({ service: trial.provider }), []);
    },
  ]),
  ...keysOf(lostCases).map((name): [ContractCase, (trial: Trial) => Promise<void>] => [
    name,
    async (trial) => {
      const fault = lostFaults[name];
      if (fault === null) await outOfTime(trial);
      else {
        await trial.fault(fault);
        await endsWith(trial, trial.call(), lostMeaning(trial, name));
      }
      await paidAtMostOnce(trial);
    },
  ]),
];

function rolesOf(provider: KeyedProvider): Role[] {
  return keysOf(roles).filter((role) => descriptorOf(provider).roles[role] !== undefined);
}

function keysOf<K extends string>(record: Partial<Record<K, unknown>>): K[] {
  return Object.keys(record) as K[];
}

describe('The contract of providers', () => {
  afterEach(closeAll);

  for (const provider of keyedProviders) {
    const { contract } = fakes[provider];
    it(`is written down for each role of ${provider}, and for no other`, () => {
      assert.deepEqual(keysOf(contract).sort(), rolesOf(provider).sort());
    });

    for (const role of rolesOf(provider)) {
      const own = contract[role];
      if (own === undefined) continue;
      const { without = {} } = own;
      const owed = cases.filter(([name]) => without[name] === undefined);
      const reasons = Object.entries(without).map(([name, why]) => `${name} (${why})`);
      describe(`${provider} as ${role}`, () => {
        for (const [name, run] of owed) it(name, async () => run(await trialOf(provider, role, own)));
        it(`owes at least 25 cases; not: ${reasons.join(', ') || 'none left out'}`, () => {
          assert.ok(owed.length >= 25, String(owed.length));
        });
      });
    }

    describe(`the key of ${provider}`, () => {
      const rows: [string, Fault | null, RegExp][] = [
        ['works', null, /^The key works/],
        ['is refused', { do: 'status', status: 403 }, /refused the key/],
        ['meets a service that is down', { do: 'status', status: 503 }, /./],
        ['meets a page', { do: 'body', status: 503, body: '<html>Down</html>' }, /./],
        ['meets a connection that breaks', { do: 'reset', when: 'before' }, /cannot be reached/],
      ];
      for (const [name, fault, message] of rows) {
        it(`${name}, which is told without it and costs nothing`, async () => {
          const { fake } = await bench();
          if (fault !== null) await fake.script({ service: provider, ...fault });
          const result = await testKey(provider, {
            key: fake.keys[provider],
            endpoint: fake.endpoints[provider],
          });
          assert.equal(result.ok, fault === null, said(result));
          assert.match(said(result), message);
          assert.equal(said(result).includes(fake.keys[provider]), false);
          assert.deepEqual(await fake.charges(), []);
        });
      }
    });
  }
});
