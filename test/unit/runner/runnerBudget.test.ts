import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createBudget } from '../../../src/engine/runner/budget.ts';

const never = new AbortController().signal;

describe('Budget', () => {
  it('B3: refuses a call that could exceed the limit, and says what was spent', async () => {
    const budget = createBudget({ limit: 1_000_000, spent: 950_000, reserved: 0 });
    await budget.reserve(50_000, never);
    budget.settle(50_000, 50_000);
    await assert.rejects(budget.reserve(1, never), {
      code: 'budget.exceeded',
      message: /\$1\.00 of the budget of \$1\.00/,
    });
  });

  it('B3: waits for calls in flight, which usually cost less than their worst price', async () => {
    const budget = createBudget({ limit: 100, spent: 0, reserved: 0 });
    await budget.reserve(80, never);
    let granted = false;
    const second = budget.reserve(60, never).then(() => (granted = true));
    await Promise.resolve();
    assert.equal(granted, false);
    budget.settle(80, 20);
    await second;
    budget.settle(60, 60);
    await assert.rejects(budget.reserve(30, never), { code: 'budget.exceeded' });
  });

  it('B3: a call that could never fit is refused at once, even with others in flight', async () => {
    const budget = createBudget({ limit: 100, spent: 50, reserved: 0 });
    await budget.reserve(20, never);
    await assert.rejects(budget.reserve(60, never), { code: 'budget.exceeded' });
  });

  it('B3: a lost answer counts at its worst price', async () => {
    const budget = createBudget({ limit: 100, spent: 0, reserved: 0 });
    await budget.reserve(60, never);
    budget.settle(60, null);
    await assert.rejects(budget.reserve(50, never), { code: 'budget.exceeded' });
  });

  it('B3: free calls go on when nothing is left; calls of unknown price do not', async () => {
    const budget = createBudget({ limit: 100, spent: 100, reserved: 0 });
    await budget.reserve(0, never);
    await assert.rejects(budget.reserve(null, never), {
      code: 'budget.exceeded',
      message: /price of the next call is not known/,
    });
  });

  it('J1: a call that waits for money is let go when the run ends', async () => {
    const budget = createBudget({ limit: 100, spent: 0, reserved: 100 });
    const ended = new AbortController();
    const waiting = budget.reserve(50, ended.signal);
    ended.abort();
    await assert.rejects(waiting, { code: 'cancelled' });
  });

  it('B3: whatever calls run at once and whatever they cost, the limit holds', async () => {
    const call = fc.record({ worst: fc.nat(50), share: fc.double({ min: 0, max: 1, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), fc.nat(600), async (calls, limit) => {
        const budget = createBudget({ limit, spent: 0, reserved: 0 });
        let spent = 0;
        await Promise.all(
          calls.map(async ({ worst, share }) => {
            try {
              await budget.reserve(worst, never);
            } catch {
              return;
            }
            await new Promise((resolve) => setImmediate(resolve));
            const cost = Math.floor(worst * share);
            spent += cost;
            budget.settle(worst, cost);
          }),
        );
        assert.ok(spent <= limit, `${spent} of ${limit}`);
      }),
      { numRuns: 50 },
    );
  });
});
