/** Rows and settings that came with a folder, tried on the factory: run, resume, export, clean up, delete. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { chosenFoldersFile } from '../../../src/engine/files/userFolder.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import type { JobSummary } from '../../../src/engine/model/job.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { openStore } from '../../../src/engine/store/database.ts';
import type { Writer } from '../../../src/engine/store/store.ts';
import { unzip } from '../exports/unzip.ts';
import { eventOf, first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('a history that names what it should not', () => {
  let workspace: Workspace;
  let outside: string;
  let factory: Agreeing;
  beforeEach(async () => {
    rmSync(chosenFoldersFile(), { force: true });
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'factory-outside-')));
    workspace = makeWorkspace();
    factory = await workspace.open();
  });
  afterEach(async () => {
    await workspace.dispose();
    rmSync(outside, { recursive: true, force: true });
  });

  const run = async (changes: Partial<Settings> = {}): Promise<JobSummary> => {
    const job = await factory.start({ settings: sampleSettings(changes) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    return factory.job(job.id);
  };
  const images = async (): Promise<ImageRecord[]> =>
    (await factory.images({}, 'oldest', { limit: 10 })).items;

  /** Changes rows as somebody would who makes the folder by hand, and opens it again as one of ours. */
  const withRows = async (change: (db: Writer) => void): Promise<void> => {
    await factory.close();
    const store = await openStore({ root: workspace.root });
    store.edit(change);
    store.close();
    factory = await workspace.open();
  };
  const snapshot = (key: string, value: string) => (db: Writer) =>
    void db.sql(`UPDATE job_inputs SET snapshot = json_set(snapshot, ?, ?)`).run(`$."${key}"`, value);
  const interrupted = (db: Writer): void => {
    db.sql(`UPDATE jobs SET status = 'stopped'`).run();
    db.sql(`UPDATE images SET status = 'pending', next_stage = 'convert', path = NULL`).run();
  };
  const listing = (top: string): string[] =>
    readdirSync(top, { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isFile() ? `${path}: ${readFileSync(path, 'latin1')}` : path;
      })
      .filter((path) => !path.startsWith(join(workspace.root, '.gen-image-factory')))
      .sort();

  it('W9, W7: rows that name sources, git or settings make Clean Up, Delete and Export take none of them', async () => {
    await run();
    const [image, other] = await images();
    assert.ok(image !== undefined && other !== undefined);
    for (const path of [
      'src/main.c',
      '.git/HEAD',
      '.git/a.png',
      '.GIT/b.png',
      '.env',
      'notes.txt',
      'mine.webp',
    ]) {
      workspace.write(path, `content of ${path}`);
    }
    symlinkSync(join(workspace.root, '.env'), join(workspace.root, 'env.png'));
    for (const path of [
      'src/main.c',
      '.git/HEAD',
      '.git',
      '.git/a.png',
      '.GIT/b.png',
      '.env',
      'env.png',
      'src',
    ]) {
      await withRows((db) => {
        db.sql('UPDATE images SET original_path = ?, sidecar_path = ?, thumbnail_path = ? WHERE id = ?').run(
          path,
          'notes.txt',
          'mine.webp',
          image.id,
        );
      });
      const before = listing(workspace.root);
      await factory.cleanUp(['originals', 'thumbnails']);
      const after = listing(workspace.root);
      const gone = before.filter((entry) => !after.includes(entry));
      assert.deepEqual(
        gone.filter((entry) => !entry.includes('pictures/generated')),
        [],
        path,
      );
      await withRows((db) => {
        db.sql(`UPDATE images SET original_path = ?, path = NULL WHERE id = ?`).run(path, image.id);
      });
      const exported = await factory.exportImages({ ids: [image.id, other.id] }, { metadata: false });
      const names = (await unzip(exported.path)).map(({ name }) => name);
      assert.equal(exported.leftOut, 1, path);
      assert.equal(names.filter((name) => name.startsWith('images/')).length, 1, path);
    }
    const kept = listing(workspace.root).filter((entry) => !entry.includes('/pictures'));
    await factory.deleteImages([image.id]);
    assert.deepEqual(
      listing(workspace.root).filter((entry) => !entry.includes('/pictures')),
      kept,
    );
  });

  it('W9: rows that name pictures elsewhere, by a link or a full path, show, export and delete none', async () => {
    await run();
    const image = first(await images());
    writeFileSync(join(outside, 'private.png'), readFileSync(join(workspace.root, image.path ?? '')));
    symlinkSync(outside, join(workspace.root, 'link'));
    for (const path of ['link/private.png', join(outside, 'private.png'), '../outside.png']) {
      await withRows((db) => {
        db.sql('UPDATE images SET path = ?, original_path = ? WHERE id = ?').run(path, path, image.id);
      });
      await assert.rejects(factory.exportImages({ ids: [image.id] }, { metadata: false }), (error) =>
        isFactoryError(error, 'export.failed'),
      );
      await factory.cleanUp(['originals']);
      assert.deepEqual(readdirSync(outside), ['private.png']);
    }
    const { left } = await factory.deleteImages([image.id]);
    assert.equal(left, 1);
    assert.deepEqual(readdirSync(outside), ['private.png']);
  });

  for (const key of ['files.outputDirectory', 'files.tempDirectory'] as const) {
    it(`S14, J3: a snapshot whose ${key} leads elsewhere is not resumed there, by a path or a link`, async () => {
      const job = await run({ 'generation.count': 1 });
      mkdirSync(join(workspace.root, 'below'));
      symlinkSync(outside, join(workspace.root, 'link'));
      symlinkSync(outside, join(workspace.root, 'below', 'link'));
      for (const place of [join(outside, 'out'), 'link', 'below/link/out', '.git/pictures']) {
        await withRows((db) => {
          interrupted(db);
          snapshot(key, place)(db);
        });
        const run = await factory.resume(job.id);
        await factory.runEnded(run.id);
        const ended = factory.job(job.id);
        assert.equal(ended.status, 'paused', place);
        assert.equal(ended.error?.code, 'disk.unwritable', place);
        assert.deepEqual(readdirSync(outside), [], place);
        assert.ok(!existsSync(join(workspace.root, '.git')), place);
      }
      await withRows((db) => {
        interrupted(db);
        snapshot(key, 'pictures/elsewhere')(db);
      });
      await factory.runEnded((await factory.resume(job.id)).id);
      assert.equal(factory.job(job.id).status, 'completed');
    });
  }

  it('S14: a folder outside that only the workspace names starts no job, one that the user names does', async () => {
    const settings = sampleSettings({ 'files.outputDirectory': join(outside, 'out'), 'generation.count': 1 });
    await assert.rejects(factory.start({ settings }), (error) => isFactoryError(error, 'input.invalid'));
    assert.deepEqual(readdirSync(outside), []);
    await factory.close();
    factory = await workspace.open({ folders: () => [join(outside, 'out')] });
    await run(settings);
    assert.equal(readdirSync(join(outside, 'out')).length, 1);
    await factory.close();
    factory = await workspace.open();
    const exported = await factory.exportImages({ ids: [first(await images()).id] }, { metadata: false });
    assert.ok(existsSync(exported.path), 'what was started by the user stays within reach');
  });

  it('W9, P13: an output folder that becomes a link in the middle of a run pauses the job', async () => {
    const output = join(workspace.root, 'pictures', 'toupload');
    const job = await factory.start({
      settings: sampleSettings({ 'generation.count': 4, 'generation.parallel': 1 }),
    });
    const runId = factory.activeRun()?.id ?? '';
    await eventOf(factory, 'image', ({ image }) => image.status === 'approved');
    renameSync(output, `${output}-aside`);
    symlinkSync(outside, output);
    await factory.runEnded(runId);
    assert.deepEqual(readdirSync(outside), []);
    const { status, error, approved } = factory.job(job.id);
    // It may have been at its last image already.
    if (approved < 4) assert.deepEqual([status, error?.code], ['paused', 'disk.unwritable']);
  });

  it('X4, W9: an exports folder that became a link is refused by name', async () => {
    await run({ 'generation.count': 1 });
    const exports = join(workspace.root, '.gen-image-factory', 'exports');
    symlinkSync(outside, exports);
    await assert.rejects(
      factory.exportImages({ ids: [first(await images()).id] }, { metadata: true }),
      (error) => isFactoryError(error, 'disk.unwritable') && error.message.startsWith(exports),
    );
    assert.deepEqual(readdirSync(outside), []);
    assert.ok(existsSync(dirname(exports)));
  });
});
