/**
 * What the faces are told of each thing that people do, in order. Kinds that are told by the clock (progress, a
 * running job again, log rows) are left out here: their own tests look at them.
 */
import assert from 'node:assert/strict';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('what is told', () => {
  let workspace: Workspace;
  let fake: FakeProviders;
  let factory: Agreeing;
  let story: string[];
  beforeEach(async () => {
    workspace = makeWorkspace();
    fake = await startFakeProviders();
    factory = await workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
    });
    story = [];
    const jobs = new Map<string, string>();
    factory.onEvent((event) => {
      const line = lineOf(event);
      if (line === null) return;
      if (event.kind === 'job') {
        if (jobs.get(event.job.id) === line) return;
        jobs.set(event.job.id, line);
      }
      story.push(line);
    });
  });
  afterEach(async () => {
    await workspace.dispose();
    await fake.close();
  });

  const one = sampleSettings({ 'job.label': 'one', 'generation.count': 1 });
  const finished = async (): Promise<string> => {
    const { id } = await factory.start({ settings: one });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    return id;
  };
  const imageOf = async (jobId: string): Promise<string> =>
    first((await factory.images({ jobIds: [jobId] }, 'oldest', { limit: 1 })).items).id;
  /** A job whose image never comes, and one that waits behind it; the ids of both and of the run that waits. */
  const waitingBehind = async (): Promise<{ endless: string; waiting: string; runId: string }> => {
    await fake.script({ kind: 'image', do: 'hang', times: 1 });
    const settings = { 'provider.image': 'runware', 'runware.dimensions': '256x256' } as const;
    const { id } = await factory.start({ settings: { ...one, ...settings } });
    await fake.waitForCalls('image', 1);
    const run = first(await factory.rerun([id]));
    return { endless: id, waiting: run.jobId ?? '', runId: run.id };
  };
  /** Of what is done now, nothing before; closing tells at once what the clock has still held back. */
  const toldOf = async (act: () => unknown): Promise<string[]> => {
    story.length = 0;
    await act();
    const told = story.length;
    await factory.close();
    // What waits is held when its window closes: that is no part of the act.
    return story.filter((line, i) => i < told || line === 'changed');
  };
  const made = ['image pending', 'image pending', 'image approved'];

  it('of a job', async () => {
    assert.deepEqual(await toldOf(finished), [
      'job one running',
      'run job running 0/1',
      'queue',
      ...made,
      'run job done 0/1',
      'job one completed',
    ]);
  });

  it('of reruns: they wait, and each is done in its turn', async () => {
    const job = await finished();
    const act = async (): Promise<void> => {
      const runs = await factory.rerun([job, job]);
      await Promise.all(runs.map(({ id }) => factory.runEnded(id)));
    };
    assert.deepEqual(await toldOf(act), [
      'job one queued',
      'job one queued',
      'queue one waiting, one waiting',
      'run job running 0/1',
      'queue one waiting',
      'job one running',
      ...made,
      'run job done 0/1',
      'job one completed',
      'run job running 0/1',
      'queue',
      'job one running',
      ...made,
      'run job done 0/1',
      'job one completed',
    ]);
  });

  it('of a retry', async () => {
    const imageIds = [await imageOf(await finished())];
    const act = async (): Promise<void> => {
      const { id } = await factory.retry({ imageIds, settings: 'original', regenerateMetadata: true });
      await factory.runEnded(id);
    };
    assert.deepEqual(await toldOf(act), [
      'changed',
      'queue Retry of 1 image waiting',
      'run retry running 0/1',
      'queue',
      'image processing',
      'run retry running 1/1',
      'image approved',
      'run retry done 1/1',
    ]);
  });

  it('of a stop, which holds what waits, and of Resume', async () => {
    const { endless } = await waitingBehind();
    const act = async (): Promise<void> => {
      const id = factory.activeRun()?.id ?? '';
      await factory.stop();
      await factory.forceStop();
      await factory.runEnded(id);
      await fake.clearFaults();
      const { id: resumed } = await factory.resume(endless);
      await factory.runEnded(resumed);
    };
    assert.deepEqual(await toldOf(act), [
      'job one running stopping',
      'run job cancelled 0/1',
      'job one stopped',
      'queue one held',
      'queue one held, one waiting',
      'run resume running 0/1',
      'queue one held',
      'job one running',
      ...made,
      'run resume done 0/1',
      'job one completed',
    ]);
  });

  it('of a job that is taken from the queue', async () => {
    const { runId } = await waitingBehind();
    assert.deepEqual(await toldOf(() => factory.removeFromQueue([runId])), [
      'run job cancelled 0/1',
      'removed 1 0',
      'changed',
      'queue',
    ]);
  });

  it('of a new label, by itself or with the settings', async () => {
    const job = await finished();
    assert.deepEqual(await toldOf(() => factory.rename(job, 'two')), ['job two completed', 'changed']);
  });

  it('of a new label of a job that waits', async () => {
    const { waiting } = await waitingBehind();
    const settings = { ...one, 'job.label': 'two' };
    assert.deepEqual(await toldOf(() => factory.editSettings(waiting, settings)), [
      'job two queued',
      'changed',
      'queue two waiting',
    ]);
  });

  it('of a description', async () => {
    const image = await imageOf(await finished());
    assert.deepEqual(await toldOf(() => factory.editMetadata(image, { title: 'A fox' })), ['image approved']);
  });

  it('of a deletion and its Undo', async () => {
    const job = await finished();
    const image = await imageOf(job);
    const act = async (): Promise<void> => {
      const ofImage = await factory.deleteImages([image]);
      await factory.undoDelete(ofImage.trashId);
      await factory.deleteJobs([job]);
    };
    assert.deepEqual(await toldOf(act), ['removed 0 1', 'changed', 'removed 1 1']);
  });

  it('of the deletion of a job that waits', async () => {
    const { waiting } = await waitingBehind();
    assert.deepEqual(await toldOf(() => factory.deleteJobs([waiting])), ['queue', 'removed 1 0']);
  });

  it('of Clean Up', async () => {
    await finished();
    const act = (): Promise<void> => factory.cleanUp(['originals', 'thumbnails', 'logs', 'trash']);
    assert.deepEqual([...new Set(await toldOf(act))], ['changed']);
  });
});

function lineOf(event: FactoryEvent): string | null {
  switch (event.kind) {
    case 'job':
      return `job ${event.job.ownLabel} ${event.job.status}${event.job.stopping ? ' stopping' : ''}`;
    case 'run':
      return `run ${event.run.kind} ${event.run.status} ${event.run.done}/${event.run.total}`;
    case 'image':
      return `image ${event.image.status}`;
    case 'queue':
      return `queue ${event.waiting.map(({ title, status }) => `${labelOf(title)} ${status}`).join(', ')}`.trim();
    case 'removed':
      return `removed ${event.jobIds.length} ${event.imageIds.length}`;
    case 'changed':
      return event.onlyJob === undefined ? 'changed' : 'changed onlyJob';
    case 'progress':
    case 'log':
      return null;
  }
}

/** Without the mark that tells a rerun from its original. */
function labelOf(title: string): string {
  return title.replace(/ \(Rerun [0-9a-f]+\)$/, '');
}
