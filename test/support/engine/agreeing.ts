/** A factory whose user has seen every estimate and agrees to it, for tests that are not about money. */
import { agreed } from '../../../src/engine/planning/consent.ts';
import type { Consent, Priced } from '../../../src/engine/planning/consent.ts';
import type { Factory, JobRequest, RemoverChange, RetryRequest } from '../../../src/engine/factory.ts';
import type { RunSummary } from '../../../src/engine/model/events.ts';
import type { JobSummary } from '../../../src/engine/model/job.ts';
import type { JobSlot } from '../../../src/engine/model/slot.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';

interface Paying {
  start(request: JobRequest): Promise<JobSummary>;
  rerun(jobIds: readonly string[], changes?: Partial<Settings>): Promise<RunSummary[]>;
  resume(jobId: string, changes?: RemoverChange): Promise<RunSummary>;
  retry(request: RetryRequest): Promise<RunSummary>;
  approve(imageIds: readonly string[], changes?: RemoverChange): Promise<RunSummary>;
  continueWith(runId: string, changes: RemoverChange): Promise<RunSummary>;
  generateAgain(slots: readonly JobSlot[]): Promise<RunSummary>;
  continueQueue(): Promise<void>;
}

export interface Agreeing extends Omit<Factory, keyof Paying>, Paying {
  /** As the faces have it. */
  readonly strict: Factory;
}

/** Yes to a plan. */
export function yesTo(plan: Priced): Consent {
  const [consent] = agreed([plan]);
  if (consent === undefined) throw new Error('A plan has no consent.');
  return consent;
}

export function agreeing(strict: Factory): Agreeing {
  return {
    ...strict,
    strict,
    start: async (request) => strict.start(request, yesTo(await strict.plan(request))),
    async rerun(jobIds, changes) {
      const plans = await strict.planRerun(jobIds, changes);
      const jobs = plans.map((plan, index) => ({ jobId: jobIds[index] ?? '', consent: yesTo(plan) }));
      return strict.rerun(jobs, changes);
    },
    resume: async (jobId, changes) =>
      strict.resume(jobId, yesTo(await strict.planResume(jobId, changes)), changes),
    retry: async (request) => strict.retry(request, yesTo(await strict.planRetry(request))),
    approve: async (imageIds, changes) =>
      strict.approve(imageIds, yesTo(await strict.planApprove(imageIds, changes)), changes),
    continueWith: async (runId, changes) =>
      strict.continueWith(runId, changes, yesTo(await strict.planContinue(runId, changes))),
    async generateAgain(slots) {
      const plans = await strict.planGenerateAgain(slots);
      const consents = plans.map(({ jobId, plan }) => ({ jobId, consent: yesTo(plan) }));
      return strict.generateAgain(slots, consents);
    },
    async continueQueue() {
      const held = await strict.planQueue();
      await strict.continueQueue(held.map(({ runId, plan }) => ({ runId, consent: yesTo(plan) })));
    },
  };
}
