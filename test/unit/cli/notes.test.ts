/** What the engine says although nobody asked, on stderr. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { damageUnseen } from '../../support/engine/damage.ts';
import { cliWorkspace } from './workspace.ts';
import type { CliWorkspace } from './workspace.ts';

describe('notes of the engine in the terminal', function () {
  this.timeout(30_000);

  let fake: FakeProviders;
  let workspace: CliWorkspace;
  beforeEach(async () => {
    fake = await startFakeProviders();
    workspace = cliWorkspace(
      {
        'genImageFactory.files.keywordsFile': 'keywords.csv',
        'genImageFactory.provider.text': 'sample',
        'genImageFactory.runware.dimensions': '128x128',
        'genImageFactory.generation.count': 1,
        'genImageFactory.ai.qualityCheck': false,
        'genImageFactory.ai.metadata': false,
      },
      fake,
    );
  });
  afterEach(async () => {
    workspace.remove();
    await fake.close();
  });

  it('W3: a store that is damaged where opening does not look is said while the command works', async () => {
    assert.equal((await workspace.run('run')).status, 0);
    const damage = damageUnseen(workspace.root);
    await fake.script({ kind: 'image', do: 'hang' });
    const started = workspace.start('run');
    await started.note('Note: The store is damaged: wrong # of entries in index');
    started.signal('SIGINT');
    started.signal('SIGTERM');
    await started.ended;
    damage.close();
  });

  it('a hint that could not be written is a plain sentence, and the command does its work', async () => {
    mkdirSync(join(workspace.root, '.gen-image-factory', 'lease.json'), { recursive: true });
    const { status, err } = await workspace.run('run');
    assert.equal(status, 0);
    assert.match(err, /^Note: lease\.json could not be written: .*directory/mu);
  });
});
