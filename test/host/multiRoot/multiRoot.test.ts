import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { commands, ConfigurationTarget, Uri, workspace } from 'vscode';
import { identity } from '../../../src/engine/store/identity.ts';
import { claim } from '../../../src/engine/store/ownership.ts';
import type { TestApi } from '../../../src/extension/extension.ts';
import { damageUnseen } from '../../support/engine/damage.ts';
import type { Damage } from '../../support/engine/damage.ts';
import { makeSampleWorkspace } from '../../support/vscode/workspace.ts';
import { activeApi, changeFolders, ended, expectSoon, run, shown, start } from '../host.ts';
import { errorShownBy } from '../shownErrors.ts';

describe('A window with several folders', () => {
  let api: TestApi;

  before(async () => {
    api = await activeApi();
  });

  const folders = (): string[] => (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);

  /** Answers the list of folders, moving down to the one that is meant. */
  async function choose(index: number, asked: Promise<unknown>): Promise<void> {
    // The list has no sign for extensions; it takes the answer once it is there.
    let done = false;
    const answered = asked.finally(() => (done = true));
    await expectSoon('the chosen folder', async () => {
      if (done) return true;
      await commands.executeCommand('workbench.action.quickOpenNavigateNext');
      for (let step = 0; step < index; step += 1)
        await commands.executeCommand('workbench.action.quickOpenSelectNext');
      await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return done;
    });
    await answered;
  }

  it('W4: before the choice nothing is opened, and views that come back do not ask', async () => {
    assert.equal(folders().length, 2);
    assert.equal(api.session.folder(), null);
    assert.deepEqual(await shown(api.trees.jobs), []);
    await assert.rejects(api.session.factoryUnasked(), /This window has several folders/);
    assert.equal(api.session.current(), null);
  });

  it('W4: the folder is asked for once, for all who need it, and remembered for the window', async () => {
    const asked = Promise.all([api.session.factory(), api.session.askFolder()]);
    await choose(0, asked);
    const [factory, folder] = await asked;
    assert.ok(folders().includes(folder.uri.fsPath));
    assert.equal(factory.root, folder.uri.fsPath);
    assert.equal(api.session.folder()?.uri.fsPath, folder.uri.fsPath);
    assert.equal(api.session.context.workspaceState.get('session.folder'), folder.uri.toString());
  });

  it('W4: settings, images and history are those of the chosen folder', async () => {
    const chosen = api.session.folder()?.uri.fsPath ?? '';
    const other = folders().find((path) => path !== chosen) ?? '';
    const factory = await api.session.factory();
    const job = await ended(factory, await start());
    assert.equal(job.status, 'completed');
    assert.ok(existsSync(join(chosen, '.gen-image-factory/factory.db')));
    assert.equal(existsSync(join(other, '.gen-image-factory')), false);
    await api.session.configuration.save({ 'generation.count': 2 });
    const written = readFileSync(join(chosen, '.vscode/settings.json'), 'utf8');
    assert.match(written, /"genImageFactory\.generation\.count": 2/);
    assert.doesNotMatch(readFileSync(join(other, '.vscode/settings.json'), 'utf8'), /generation\.count/);
    assert.equal(api.session.configuration.sources()['generation.count'], 'folder');
    await api.session.configuration.save({ 'generation.count': 1 });
    assert.doesNotMatch(readFileSync(join(chosen, '.vscode/settings.json'), 'utf8'), /generation\.count/);
  });

  it('W4: another folder closes the store of the first and shows its own history', async () => {
    const first = await api.session.factory();
    assert.equal((await shown(api.trees.jobs)).length, 1);
    const before = api.session.folder()?.uri.fsPath;
    await choose(1, run('chooseFolder'));
    await expectSoon('the other folder', () => api.session.folder()?.uri.fsPath !== before);
    assert.deepEqual(await shown(api.trees.jobs), []);
    assert.throws(() => first.newestJob(), /closed/);
  });

  describe('whose store cannot be used as it is', () => {
    /** Adds a folder whose store was made by `make`, and works in it. */
    async function workIn(make: (file: string) => void): Promise<string> {
      const folder = makeSampleWorkspace();
      mkdirSync(join(folder, '.gen-image-factory'));
      make(join(folder, '.gen-image-factory/factory.db'));
      await changeFolders(folders().length, 0, folder);
      await api.session.context.workspaceState.update('session.folder', Uri.file(folder).toString());
      api.session.configuration.useFolder();
      return folder;
    }

    it('W3: a newer store opens for reading, with a notice in the views', async () => {
      const source = join(folders()[0] ?? '', '.gen-image-factory/factory.db');
      const made = existsSync(source) ? source : join(folders()[1] ?? '', '.gen-image-factory/factory.db');
      await workIn((file) => {
        const from = new BetterSqlite3(made, { readonly: true });
        from.exec(`VACUUM INTO '${file}'`);
        from.close();
        const newer = new BetterSqlite3(file);
        newer.pragma('user_version = 9999');
        newer.close();
        // As a newer version of ours leaves it: what others leave is only looked at.
        claim(file, identity());
      });
      const factory = await api.session.factory();
      assert.match(api.session.state().notice ?? '', /written by a newer version.*open for reading only/);
      assert.equal((await shown(api.trees.jobs)).length, 1);
      assert.throws(() => factory.rename(factory.newestJob()?.id ?? '', 'Other'), /newer version/);
      assert.equal(await run('startJob'), undefined);
    });

    it('W3: a damaged store is set aside, said, and a fresh one opens', async () => {
      const folder = await workIn((file) =>
        writeFileSync(file, 'no database at all, but long enough for a header '.repeat(9)),
      );
      const factory = await api.session.factory();
      assert.match(
        api.session.state().notice ?? '',
        /was damaged.*kept as .*factory\.damaged-.*a fresh store was opened/,
      );
      const job = await ended(factory, await start());
      assert.equal(job.status, 'completed');
      const names = readdirSync(join(folder, '.gen-image-factory'));
      assert.ok(names.some((name) => /^factory\.damaged-\d{8}-\d{6}\.db$/.test(name)));
    });

    it('W3: what only the full check finds is said in the output channel', async () => {
      const made = folders().find((path) => existsSync(join(path, '.gen-image-factory/factory.db'))) ?? '';
      let damage: Damage | null = null;
      await workIn((file) => {
        const from = new BetterSqlite3(join(made, '.gen-image-factory/factory.db'), { readonly: true });
        from.exec(`VACUUM INTO '${file}'`);
        from.close();
        damage = damageUnseen(dirname(dirname(file)));
      });
      const told = await errorShownBy(api, () => api.session.factory());
      assert.match(told, /^\[store\] The store is damaged: wrong # of entries in index/);
      (damage as Damage | null)?.close();
    });

    it('a store that cannot be opened is said in the views, and they stay usable', async () => {
      await workIn((file) => {
        rmdirSync(dirname(file));
        symlinkSync(makeSampleWorkspace(), dirname(file), 'junction');
      });
      await assert.rejects(api.session.factory(), /is a link, so nothing is stored there/);
      assert.deepEqual(await shown(api.trees.jobs), []);
      assert.notEqual(api.session.state().notice, null);
      await run('copyDiagnostics');
    });
  });

  it('S1: settings of the .code-workspace file count for its folders', async () => {
    await choose(0, run('chooseFolder'));
    const ours = workspace.getConfiguration('genImageFactory');
    await ours.update('generation.variations', 3, ConfigurationTarget.Workspace);
    assert.equal(api.session.configuration.read().settings['generation.variations'], 3);
    assert.equal(api.session.configuration.sources()['generation.variations'], 'workspace');
    await api.session.configuration.save({ 'generation.variations': 1 });
    assert.equal(api.session.configuration.read().settings['generation.variations'], 1);
    assert.equal(api.session.configuration.sources()['generation.variations'], 'folder');
    await api.session.configuration.reset();
    assert.equal(api.session.configuration.sources()['generation.variations'], 'default');
  });

  describe('that lose the chosen one', () => {
    it('W4, J3: another folder disturbs no job; the job of a folder that goes can be resumed when it is back', async () => {
      const [path = ''] = folders();
      await api.session.context.workspaceState.update('session.folder', Uri.file(path).toString());
      api.session.configuration.useFolder();
      const rows = Array.from({ length: 12 }, (_, row) => `animal ${row + 1}`);
      writeFileSync(join(path, 'many.txt'), rows.join('\n'));
      const { configuration } = api.session;
      const sample = { 'provider.image': 'sample', 'provider.text': 'sample' } as const;
      await configuration.save({ ...sample, 'files.keywordsFile': 'many.txt' });
      await configuration.save({ 'generation.count': 12, 'generation.parallel': 1 });
      const factory = await api.session.factory();
      const jobId = await start();
      await expectSoon('the first image', () => factory.job(jobId).generated > 0);
      await changeFolders(folders().length, 0, makeSampleWorkspace());
      assert.equal(await api.session.factory(), factory);
      await changeFolders(0, 1);
      await expectSoon('no folder', () => api.session.folder() === null && api.session.current() === null);
      await changeFolders(0, 0, path);
      await expectSoon('the folder', () => api.session.folder()?.uri.fsPath === path);
      const again = await api.session.factory();
      if (again.job(jobId).status !== 'completed') await run('resumeJob', { jobId });
      const job = await ended(again, jobId);
      assert.deepEqual([job.status, job.generated], ['completed', 12]);
    });

    it('W4: closes its store, and asks again where several are left', async () => {
      const folder = api.session.folder();
      assert.ok(folder);
      await changeFolders(folder.index, 1);
      await expectSoon('no folder', () => api.session.folder() === null && api.session.current() === null);
      assert.deepEqual(await shown(api.trees.jobs), []);
    });

    it('W4: takes the only one that is left', async () => {
      while (folders().length > 1) await changeFolders(folders().length - 1, 1);
      assert.equal(api.session.folder()?.uri.fsPath, folders()[0]);
      const factory = await api.session.factory();
      assert.equal(factory.root, folders()[0]);
    });
  });
});
