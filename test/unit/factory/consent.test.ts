/** Nothing that costs starts without a consent to its plan, and none covers more than it named. */
import assert from 'node:assert/strict';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { Cost } from '../../../src/engine/model/money.ts';
import { agreed, Consent, offered, unasked } from '../../../src/engine/planning/consent.ts';
import type { Priced } from '../../../src/engine/planning/consent.ts';
import { smallerBudget } from '../../../src/engine/settings/settings.ts';
import { yesTo } from '../../support/engine/agreeing.ts';
import { makeFaked } from './faked.ts';
import type { Faked } from './faked.ts';

const plan = (usd: number, images = 1, unknown = false): Priced =>
  offered({ images, estimate: { microUsd: usd * 1_000_000, unknown } satisfies Cost });
const grown = (error: unknown): boolean =>
  isFactoryError(error, 'conflict') && /would now cost at most .* was agreed to/.test(error.message);

describe('consent', () => {
  it('B7: asked is from the amount of the settings on, for the sum of all, and where a price is not known', () => {
    const asks = (plans: Priced[], above: number): boolean => unasked(plans, above) === null;
    assert.equal(asks([plan(0.09)], 0.1), false);
    assert.equal(asks([plan(0.1)], 0.1), true);
    assert.equal(asks([plan(0.06), plan(0.06)], 0.1), true);
    assert.equal(asks([plan(0)], 0), false);
    assert.equal(asks([plan(0.0001)], 0), true);
    assert.equal(asks([plan(0, 1, true)], 1000), true);
    const impossible = offered({
      images: 9,
      estimate: { microUsd: 9e6, unknown: false },
      problems: ['no key'],
    });
    assert.equal(asks([impossible], 0), false, 'What cannot start costs nothing.');
  });

  it('B7: only what the engine has planned can be agreed to', () => {
    assert.throws(() => new Consent({ images: 1, estimate: { microUsd: 0, unknown: false } }));
    assert.throws(() => agreed([{ ...plan(1) }]));
  });

  it('B7: a consent covers what it named, and neither a higher sum nor more of what has no price', () => {
    const consent = yesTo(plan(1, 4));
    for (const less of [plan(1, 4), plan(0.5, 9), plan(0)]) consent.refuseMore(less);
    for (const more of [plan(1.01), plan(0, 1, true)]) assert.throws(() => consent.refuseMore(more), grown);
    const unknown = yesTo(plan(0, 4, true));
    unknown.refuseMore(plan(0, 4, true));
    assert.throws(() => unknown.refuseMore(plan(0, 5, true)), grown);
  });

  it('B8: of two budgets the smaller counts, and 0 is none', () => {
    assert.deepEqual(
      [
        smallerBudget(0, 0),
        smallerBudget(0, 3),
        smallerBudget(5, 0),
        smallerBudget(5, 10),
        smallerBudget(5, 3),
      ],
      [0, 3, 5, 5, 3],
    );
  });
});

describe('what costs, and what was agreed to', () => {
  let faked: Faked;
  let budget = 0;
  beforeEach(async () => {
    budget = 0;
    faked = await makeFaked({}, { maxCostPerJob: () => budget });
  });
  afterEach(() => faked.dispose());
  const nothingCalled = async (work: () => Promise<unknown>): Promise<void> => {
    const before = (await faked.fake.calls({})).length;
    await assert.rejects(work(), grown);
    assert.equal((await faked.fake.calls({})).length, before, 'Nothing was sent.');
  };
  /** Consent to less than anything costs. */
  const toNothing = (): Consent => yesTo(plan(0));
  const stopped = async (count: number): Promise<string> => {
    await faked.fake.script({ kind: 'image', do: 'hang' });
    const { factory } = faked;
    const { id } = await factory.start({ settings: faked.settings({ 'generation.count': count }) });
    await faked.fake.waitForCalls('image', 1);
    const run = factory.activeRun();
    await factory.forceStop();
    await factory.runEnded(run?.id ?? '');
    await faked.fake.clearFaults();
    return id;
  };

  it('B7: a start whose file has grown since it was agreed to is refused, and leaves no job', async () => {
    const { strict } = faked.factory;
    const request = { settings: faked.settings({ 'generation.count': 2 }) };
    const consent = yesTo(await strict.plan(request));
    const dearer = { settings: faked.settings({ 'generation.count': 4 }) };
    await nothingCalled(() => strict.start(dearer, consent));
    assert.equal(await strict.jobCount({}), 0);
  });

  it('B7, J3: a job of many images is resumed for its sum, and for no more than was agreed to', async () => {
    const id = await stopped(4);
    const { strict } = faked.factory;
    const left = await strict.planResume(id);
    assert.ok(left.images >= 3 && left.estimate.microUsd > 0, JSON.stringify(left));
    await nothingCalled(() => strict.resume(id, toNothing()));
    assert.equal(strict.job(id).status, 'stopped');
  });

  it('B7, F1, F2: retry and approval are refused where they cost more than was agreed to', async () => {
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Six legs.' }], {
      'ai.metadata': true,
    });
    const { strict } = faked.factory;
    const imageIds = (await faked.images()).map(({ id }) => id);
    const retry = { imageIds, settings: 'original', regenerateMetadata: false } as const;
    assert.ok((await strict.planRetry(retry)).estimate.microUsd > 0);
    await nothingCalled(() => strict.retry(retry, toNothing()));
    await nothingCalled(() => strict.approve(imageIds, toNothing()));
  });

  it('B7, F5: Generate Again has a plan with its price, and is refused for less', async () => {
    await faked.job([
      { kind: 'image', do: 'status', status: 400, code: 'invalidPositivePrompt', message: 'too long' },
    ]);
    const { strict } = faked.factory;
    const slot = await faked.slot();
    const [planned] = await strict.planGenerateAgain([slot]);
    assert.ok(planned !== undefined && planned.plan.images === 1 && planned.plan.estimate.microUsd > 0);
    const { jobId } = planned;
    await nothingCalled(() => strict.generateAgain([slot], [{ jobId, consent: toNothing() }]));
    const run = await strict.generateAgain([slot], [{ jobId, consent: yesTo(planned.plan) }]);
    assert.equal((await strict.runEnded(run.id)).status, 'done');
  });

  it('B7, M4: reruns that wait when the window closes stand still until their sum is agreed to again', async () => {
    const job = await faked.job([]);
    const busy = await faked.busy();
    await faked.factory.rerun([job.id, job.id]);
    await faked.reopen();
    const before = (await faked.fake.calls({})).length;
    const { strict } = faked.factory;
    const held = await strict.planQueue();
    assert.deepEqual(
      held.map(({ plan: left }) => [left.images, left.estimate.microUsd > 0]),
      Array.from({ length: 3 }, () => [1, true]),
      'the job that was cut off, and the two that waited',
    );
    assert.ok(held.some(({ runId }) => runId === busy.id));
    assert.equal((await faked.fake.calls({})).length, before, 'Nothing went on by itself.');
    const reruns = held.filter(({ runId }) => runId !== busy.id);
    await strict.continueQueue(reruns.map((run) => ({ runId: run.runId, consent: yesTo(run.plan) })));
    for (const { runId } of reruns) assert.equal((await strict.runEnded(runId)).status, 'done');
    assert.equal(strict.queue().find(({ id }) => id === busy.id)?.status, 'held', 'What nobody agreed to.');
  });

  it('B7, M4: a rerun whose file has grown while it waited stands still, with the reason, and goes on for the new sum', async () => {
    const job = await faked.job([]);
    const busy = await faked.busy();
    // All rows of the file, once each.
    const { strict } = faked.factory;
    const [planned] = await strict.planRerun([job.id], { 'generation.count': 1 });
    assert.ok(planned);
    const [run] = await strict.rerun([{ jobId: job.id, consent: toNothing() }], { 'generation.count': 1 });
    assert.ok(run);
    await strict.forceStop();
    await strict.runEnded(busy.id);
    await strict.continueQueue([{ runId: run.id, consent: toNothing() }]);
    const end = await strict.runEnded(run.id);
    assert.equal(end.status, 'held');
    assert.match(end.error?.message ?? '', /would now cost at most/);
    const [held] = await strict.planQueue();
    assert.ok(held?.runId === run.id && held.plan.estimate.microUsd > 0);
    await strict.continueQueue([{ runId: held.runId, consent: yesTo(held.plan) }]);
    assert.equal((await strict.runEnded(run.id)).status, 'done');
  });

  it('B7: a held retry is named in the sum of the queue, also while its key is missing', async () => {
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Six legs.' }], {
      'ai.metadata': true,
    });
    const imageIds = (await faked.images()).map(({ id }) => id);
    await faked.busy();
    await faked.factory.retry({ imageIds, settings: 'original', regenerateMetadata: false });
    await faked.factory.close();
    faked.factory = await faked.workspace.open({ endpoints: faked.fake.endpoints });
    const held = await faked.factory.planQueue();
    const retry = held.find(
      ({ runId }) => faked.factory.queue().find(({ id }) => id === runId)?.kind === 'retry',
    );
    assert.ok(retry !== undefined && retry.plan.estimate.microUsd > 0, JSON.stringify(held));
  });

  it("B8, J6: the user's own budget holds for a job whose settings have none", async () => {
    const id = await stopped(3);
    budget = 0.000_001;
    const run = await faked.factory.resume(id);
    await faked.factory.runEnded(run.id);
    const job = faked.factory.job(id);
    assert.deepEqual([job.status, job.error?.code], ['paused', 'budget.exceeded']);
  });
});
