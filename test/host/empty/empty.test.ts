import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { remediesFor } from '../../../src/engine/providers/remedies.ts';
import { activeApi, hasCode, run, shown } from '../host.ts';

describe('A window without a folder', () => {
  it('W4: commands say why they cannot run and offer to open a folder', async () => {
    const { session } = await activeApi();
    for (const ask of [() => session.factory(), () => session.factoryUnasked(), () => session.askFolder()]) {
      await assert.rejects(ask(), (error: unknown) => {
        assert.ok(hasCode(error, 'noFolder'));
        assert.match(error.message, /No folder is open\. Open a folder/);
        assert.deepEqual(remediesFor(error), [{ kind: 'openFolder' }]);
        return true;
      });
    }
    assert.equal(await run('startJob'), undefined);
    assert.equal(await run('openDashboard'), undefined);
  });

  it('W4: views are empty, for their welcome text', async () => {
    const { trees, session } = await activeApi();
    assert.deepEqual(await shown(trees.jobs), []);
    assert.deepEqual(await shown(trees.failed), []);
    assert.deepEqual([session.state().folder, session.imageFolders()], [null, []]);
  });

  it('keys and diagnostics work without a folder', async () => {
    const { session } = await activeApi();
    assert.equal((await session.keys.states()).length, 4);
    await commands.executeCommand('genImageFactory.copyDiagnostics');
  });
});
