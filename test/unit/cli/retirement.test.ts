/** What the command line says of a service that ends, by a clock of the test. */
import assert from 'node:assert/strict';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import { cliWorkspace, sampleSettings } from './workspace.ts';
import type { CliWorkspace } from './workspace.ts';

const cutting = {
  ...sampleSettings,
  'genImageFactory.processing.removeBackground': true,
  'genImageFactory.provider.backgroundRemoval': 'removebg',
};
const end = Date.UTC(2026, 11, 1, 8);

describe('the command line and a service that ends', () => {
  let workspace: CliWorkspace;
  let now = end;
  beforeEach(() => {
    workspace = cliWorkspace(cutting, null, () => now);
  });
  afterEach(() => workspace.remove());

  it('L3: "settings check" names the setting and the date on stderr, before and after', async () => {
    workspace.write('own.json', '{}');
    now = end - 1;
    const before = await workspace.run('settings', 'check', `${workspace.root}/own.json`);
    assert.equal(before.status, 0, before.err);
    assert.match(before.err, /^Note: provider\.backgroundRemoval: remove\.bg ends .* on 2026-12-01/);
    now = end;
    const after = await workspace.run('settings', 'check', `${workspace.root}/own.json`, '--json');
    assert.match(after.err, /^Note: provider\.backgroundRemoval: remove\.bg ended .* on 2026-12-01/);
    assert.equal((JSON.parse(after.out) as { ok: boolean }).ok, true, 'a warning is no problem');
    const other = await workspace.run(
      ...['settings', 'check', `${workspace.root}/own.json`],
      ...['--set', 'provider.backgroundRemoval=runware'],
    );
    assert.equal(other.err, '');
  });

  it('L3: a run says it on stderr before anything is paid', async () => {
    now = end - 1;
    const { status, err } = await workspace.run('run', '--keywords', 'keywords.csv');
    assert.equal(status, 2, 'there is no key here');
    assert.match(err, /^Note: remove\.bg ends its self-service API on 2026-12-01: /);
  });

  it('L3: where the service is gone, run and rerun say so, and resume goes on with another', async () => {
    const fake = await startFakeProviders();
    // remove.bg at its own address, behind a remedy that is closed.
    const services = {
      ...fake,
      endpoints: { ...fake.endpoints, removebg: 'https://api.remove.bg' },
      environment: { ...fake.environment, HTTPS_PROXY: 'http://127.0.0.1:9' },
    };
    const own = cliWorkspace(
      {
        'genImageFactory.provider.image': 'runware',
        'genImageFactory.runware.dimensions': '128x128',
        'genImageFactory.files.keywordsFile': 'keywords.csv',
        'genImageFactory.generation.count': 1,
        'genImageFactory.ai.qualityCheck': false,
        'genImageFactory.ai.metadata': false,
        'genImageFactory.processing.removeBackground': true,
        'genImageFactory.provider.backgroundRemoval': 'removebg',
      },
      services,
      () => now,
    );
    try {
      now = end;
      const another = /Note: Another takes its place with --set provider\.backgroundRemoval=runware\./;
      const run = await own.run('run');
      assert.equal(run.status, 1, run.err);
      assert.match(run.err, /Note: remove\.bg ended its self-service API on 2026-12-01/);
      assert.match(run.err, another);
      assert.match(run.out, /ended its self-service API on 2026-12-01\. Choose another background remover/);
      const [job] = (await own.json('jobs')) as { id: string }[];
      const id = String(job?.id);
      const again = await own.run('rerun', id);
      assert.match(again.err, /Note: remove\.bg ended its self-service API on 2026-12-01/);
      assert.doesNotMatch(again.err, another, 'a rerun takes no --set');
      const resumed = await own.run('resume', id, '--set', 'provider.backgroundRemoval=runware');
      assert.equal(resumed.status, 0, resumed.err);
      assert.match(
        resumed.err,
        /^Plan: 1 image, at most \$0\.0006 \(estimate, prices of \d{4}-\d\d-\d\d\)\n$/,
      );
      const [image] = (await own.json('images', '--job', id)) as { id: string; status: string }[];
      assert.equal(image?.status, 'approved');
    } finally {
      own.remove();
      await fake.close();
    }
  });
});
