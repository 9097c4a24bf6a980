/** Jobs that were run before a window opens: made by the engine itself, in the test's own process. */
import { openFactory } from '../../src/engine/factory.ts';
import { silentLogger } from '../../src/engine/model/logger.ts';
import type { JobSummary } from '../../src/engine/model/job.ts';
import { defaultSettings } from '../../src/engine/settings/settings.ts';
import type { Settings } from '../../src/engine/settings/settings.ts';
import { agreeing } from '../support/engine/agreeing.ts';
import type { Agreeing } from '../support/engine/agreeing.ts';
import { fakeEndpoints } from '../support/providers/fakes.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import type { WorkbenchOptions } from './workbench.ts';

/** Services that a test answers for; without them only the sample provider works. */
export type Services = Pick<FakeProviders, 'endpoints' | 'keys'>;

/** Small images of the sample provider without check and description, so that a job takes a moment only. */
export const quickSettings: Partial<Settings> = {
  'provider.image': 'sample',
  'provider.text': 'sample',
  'files.keywordsFile': 'keywords.csv',
  'files.systemPromptFile': 'prompt.md',
  'ai.qualityCheck': false,
  'ai.metadata': false,
};

/** Opens the factory of a workspace for the time of `work`; no window may run jobs there meanwhile. */
export async function withFactory<T>(
  root: string,
  work: (factory: Agreeing) => Promise<T>,
  services?: Services,
): Promise<T> {
  const factory = await openFactory({
    root,
    endpoints: services?.endpoints ?? fakeEndpoints(),
    keys: (provider) => Promise.resolve(services?.keys[provider] ?? null),
    logger: silentLogger,
  });
  try {
    return await work(agreeing(factory));
  } finally {
    await factory.close();
  }
}

/** Runs one job after another to its end; each differs from `quickSettings` by what is given. */
export function makeHistory(
  root: string,
  jobs: readonly Partial<Settings>[],
  services?: Services,
): Promise<JobSummary[]> {
  return withFactory(
    root,
    async (factory) => {
      const made: JobSummary[] = [];
      for (const changes of jobs) {
        const { id } = await factory.start({
          settings: { ...defaultSettings(), ...quickSettings, ...changes },
        });
        const run = factory.activeRun();
        if (run !== null) await factory.runEnded(run.id);
        made.push(factory.job(id));
      }
      return made;
    },
    services,
  );
}

/** Settings that send every call to these addresses, and ask about no cost, as people set it who know their prices. */
export function paidBy(
  endpoints: FakeProviders['endpoints'],
): Pick<WorkbenchOptions, 'settings' | 'machineSettings'> {
  return {
    machineSettings: Object.fromEntries(
      Object.entries(endpoints).map(([provider, address]) => [
        `genImageFactory.endpoints.${provider}`,
        address,
      ]),
    ),
    settings: { 'genImageFactory.budget.confirmAbove': 1000 },
  };
}
