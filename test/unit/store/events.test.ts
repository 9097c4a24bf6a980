import assert from 'node:assert/strict';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import type { JobSummary, Progress } from '../../../src/engine/model/job.ts';
import { createLogger, silentLogger } from '../../../src/engine/model/logger.ts';
import { createEvents } from '../../../src/engine/store/events.ts';

const job = (id: string, over: Partial<JobSummary> = {}): JobSummary => ({
  id,
  label: id,
  ownLabel: id,
  rerun: false,
  status: 'running',
  stopping: false,
  createdAt: 0,
  startedAt: 0,
  finishedAt: null,
  durationMs: 0,
  asOf: 0,
  cost: { microUsd: 0, unknown: false },
  error: null,
  imageProvider: 'sample',
  planned: 100,
  generated: 0,
  checked: 0,
  approved: 0,
  failed: 0,
  ...over,
});

const progress = (jobId: string, percent: number): Progress => ({
  jobId,
  step: 'Step 2/2: Image Generation',
  percent,
  planned: 100,
  generated: percent,
  checked: 0,
  approved: 0,
  failed: 0,
  cost: { microUsd: 0, unknown: false },
  elapsedMs: 0,
  etaMs: null,
});

describe('events', () => {
  it('D3: tells of progress at most ten times a second, and the last value always', async () => {
    const events = createEvents(silentLogger);
    const told: { at: number; percent: number }[] = [];
    const last = new Promise<void>((resolve) => {
      events.on((event) => {
        if (event.kind !== 'progress') return;
        told.push({ at: performance.now(), percent: event.progress.percent });
        if (event.progress.percent === 100) resolve();
      });
    });
    let emitted = 0;
    while (told.length < 5) {
      events.emit([{ kind: 'progress', progress: progress('a', Math.min(emitted, 99)) }]);
      emitted += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    events.emit([{ kind: 'progress', progress: progress('a', 100) }]);
    await last;
    events.close();
    const gaps = told.slice(1).map(({ at }, i) => at - (told[i]?.at ?? 0));
    // Timers may fire a millisecond early against the finer clock.
    for (const gap of gaps) assert.ok(gap >= 98, `two within ${gap} ms`);
    assert.ok(emitted > 10 * told.length, `${told.length} of ${emitted} are told`);
    assert.equal(told[0]?.percent, 0);
  });

  it('D3: tells a change of status at once, after the progress that came before it', () => {
    const events = createEvents(silentLogger);
    const told: string[] = [];
    events.on((event) => {
      if (event.kind === 'progress') told.push(`progress ${event.progress.percent}`);
      if (event.kind === 'job') told.push(event.job.status);
    });
    events.emit([{ kind: 'job', job: job('a') }]);
    events.emit([{ kind: 'progress', progress: progress('a', 1) }]);
    events.emit([{ kind: 'progress', progress: progress('a', 99) }]);
    events.emit([{ kind: 'job', job: job('a', { status: 'completed' }) }]);
    assert.deepEqual(told, ['running', 'progress 1', 'progress 99', 'completed']);
    events.close();
  });

  it('tells every image and log row, and one listener that fails does not silence the others', () => {
    const said: string[] = [];
    const events = createEvents(createLogger(({ message }) => said.push(message)));
    const told: FactoryEvent[] = [];
    events.on(() => {
      throw new Error('a view went away');
    });
    const off = events.on((event) => told.push(event));
    const entry = {
      seq: 1,
      jobId: 'a',
      imageId: null,
      at: 0,
      level: 'info',
      debug: false,
      message: 'm',
    } as const;
    events.emit([{ kind: 'log', entry }]);
    assert.match(said.join(), /listener failed at a "log" event: Error: a view went away/);
    off();
    events.emit([{ kind: 'log', entry }]);
    assert.equal(told.length, 1);
    events.close();
  });

  it('tells what a listener changes after what is being told, to every listener in one order', () => {
    const events = createEvents(silentLogger);
    const first: string[] = [];
    const second: string[] = [];
    const name = (event: FactoryEvent): string => (event.kind === 'removed' ? event.jobIds.join() : '');
    const removed = (id: string): FactoryEvent => ({ kind: 'removed', jobIds: [id], imageIds: [] });
    events.on((event) => {
      first.push(name(event));
      if (name(event) === 'a') events.emit([removed('c')]);
    });
    events.on((event) => second.push(name(event)));
    events.emit([removed('a'), removed('b')]);
    assert.deepEqual(
      [first, second],
      [
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
      ],
    );
    events.close();
  });

  it('tells the queue when it is another than was told', () => {
    const events = createEvents(silentLogger);
    let told = 0;
    events.on(() => (told += 1));
    events.emit([{ kind: 'queue', waiting: [] }]);
    events.emit([{ kind: 'queue', waiting: [] }]);
    assert.equal(told, 1);
    events.close();
  });
});
