import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { DashboardData } from '../../../src/webviews/dashboard/dashboardData.ts';
import type { Live } from './live.ts';
import { openLive } from './live.ts';

describe('What the dashboard shows', () => {
  let live: Live;
  beforeEach(async () => {
    live = await openLive(60);
  });
  afterEach(() => live.close());

  it('D9: a job that begins never shows the images of the job before it as its own', async () => {
    const errors: unknown[] = [];
    const foreign: string[] = [];
    let shown = (): void => undefined;
    const view = {
      addController: () => undefined,
      removeController: () => undefined,
      updateComplete: Promise.resolve(true),
      requestUpdate: () => shown(),
    };
    const data = new DashboardData(view, live.host, (error) => errors.push(error));
    await data.load();
    const before = data.current?.id;
    assert.ok(data.newest.length > 0);
    const ended = new Promise<void>((resolve) => {
      shown = () => {
        const { current, newest } = data;
        foreign.push(...newest.filter(({ jobId }) => jobId !== current?.id).map(({ id }) => id));
        if (current?.id !== before && newest.length === 2) resolve();
      };
    });
    data.hostConnected();
    writeFileSync(join(live.root, 'keywords.txt'), 'red fox\nblue whale\n');
    await live.factory.start({
      settings: {
        ...defaultSettings(),
        'provider.image': 'sample',
        'provider.text': 'sample',
        'files.keywordsFile': 'keywords.txt',
        'generation.count': 2,
      },
    });
    await ended;
    assert.deepEqual(foreign, []);
    assert.deepEqual(errors, []);
    data.hostDisconnected();
  });
});
