/** The end of a run that the store does not take: here a trigger refuses what a full disk would. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RunSummary } from '../../../src/engine/model/events.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('a run whose end cannot be written down', () => {
  let workspace: Workspace;
  let factory: Agreeing;
  beforeEach(async () => {
    workspace = makeWorkspace();
    factory = await workspace.open();
  });
  afterEach(() => workspace.dispose());

  /** Refuses an update of a table from here on, or a given number of times. */
  const refuse = (table: string, when: string): void => {
    const store = new Database(join(workspace.root, '.gen-image-factory', 'factory.db'));
    store.exec(
      `CREATE TRIGGER refuse_${table} BEFORE UPDATE OF status ON ${table} WHEN ${when}
       BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    store.close();
  };
  const ended = async (): Promise<{ jobId: string; run: RunSummary }> => {
    const { id } = await factory.start({ settings: sampleSettings() });
    const run = factory.activeRun();
    assert.ok(run !== null);
    return { jobId: id, run: await factory.runEnded(run.id) };
  };

  it('P13: who waits for the run is told, with the reason', async () => {
    refuse('runs', `NEW.status <> 'running'`);
    const { run } = await ended();
    assert.equal(run.status, 'failed');
    assert.match(run.error?.message ?? '', /no room/);
  });

  it('J4: the job does not say Running when its own end was refused', async () => {
    refuse('jobs', `NEW.status = 'completed'`);
    const { jobId, run } = await ended();
    assert.equal(run.status, 'failed');
    const job = factory.job(jobId);
    assert.equal(job.status, 'interrupted');
    assert.match(job.error?.message ?? '', /no room/);
  });
});
