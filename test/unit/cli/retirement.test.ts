/** What the command line says of a service that ends, by a clock of the test. */
import assert from 'node:assert/strict';
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

  it('R7: "settings check" names the setting and the date on stderr, before and after', async () => {
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

  it('R7: a run says it on stderr before anything is paid', async () => {
    now = end - 1;
    const { status, err } = await workspace.run('run', '--keywords', 'keywords.csv');
    assert.equal(status, 2, 'there is no key here');
    assert.match(err, /^Note: remove\.bg ends its self-service API on 2026-12-01: /);
  });
});
