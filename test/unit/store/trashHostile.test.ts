/** A trash that somebody has made by hand: what opening and Undo do with it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFiles } from '../../../src/engine/files/files.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { deleteImages, finishTrash, undoDelete } from '../../../src/engine/store/trash.ts';
import type { TrashOptions } from '../../../src/engine/store/trash.ts';
import { addImage, addJob, workspaces } from './support.ts';

const trashId = '00000000-0000-4000-8000-000000000001';

describe('a trash that was made by hand', () => {
  const { open } = workspaces();
  let outside: string;
  let store: Store;
  let trash: string;
  beforeEach(async () => {
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'factory-outside-')));
    writeFileSync(join(outside, 'id_rsa'), 'secret');
    mkdirSync(join(outside, 'folder'));
    writeFileSync(join(outside, 'folder', 'a.png'), 'theirs');
    store = await open();
    mkdirSync(join(store.root, '.git', 'hooks'), { recursive: true });
    writeFileSync(join(store.root, '.git', 'HEAD'), 'ref: refs/heads/main');
    trash = join(store.folder, 'trash', trashId);
  });
  afterEach(() => rmSync(outside, { recursive: true, force: true }));

  const options = (): TrashOptions => ({ store, files: createFiles({ root: store.root }), now: () => 5000 });

  const insert = (state: string): void => {
    store.edit((db) => {
      db.sql(
        `INSERT INTO trash (id, state, deleted_at, title, jobs, images, job_count, image_count)
         VALUES (?, ?, 1, 'x', '[]', '[]', 0, 0)`,
      ).run(trashId, state);
    });
  };
  /** A deletion with these files (path to name) in its list, and their contents below `files`. */
  const deletion = (state: string, list: Record<string, string>, contents: readonly string[] = []): void => {
    mkdirSync(join(trash, 'files'), { recursive: true });
    writeFileSync(join(trash, 'rows.jsonl'), '');
    const lines = Object.entries(list).map(([path, name]) => `${JSON.stringify({ path, name })}\n`);
    writeFileSync(join(trash, 'files.jsonl'), lines.join(''));
    for (const name of contents) writeFileSync(join(trash, 'files', name), 'planted');
    insert(state);
  };
  const listing = (top: string): string[] =>
    readdirSync(top, { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path;
      })
      .filter((path) => !path.startsWith(store.folder))
      .sort();
  /** Nothing changes outside of the store's folder, however the work ends. */
  const harmless = async (work: () => Promise<unknown>): Promise<void> => {
    const before = [listing(outside), listing(store.root)];
    await work().catch((error: unknown) => assert.ok(isFactoryError(error), String(error)));
    assert.deepEqual([listing(outside), listing(store.root)], before);
  };

  it('M5, W9: a restoration plants nothing: no hook, no file outside, no program', async () => {
    const wanted = {
      '.git/hooks/post-checkout': '1-a',
      '.git/hooks/a.png': '2-a.png',
      '.GIT/hooks/b.png': '3-b.png',
      '../planted.png': '4-c.png',
      [join(outside, 'planted.png')]: '5-d.png',
      'run.sh': '6-e.sh',
      '.vscode/tasks.json': '7-f.json',
      '.gen-image-factory/trash/planted.png': '8-g.png',
    };
    deletion('restoring', wanted, Object.values(wanted));
    await harmless(() => finishTrash(options()));
  });

  it('M5, W9: a restoration writes through no link, wherever it stands', async () => {
    symlinkSync(join(outside, 'folder'), join(store.root, 'pictures'));
    mkdirSync(join(trash, 'files'), { recursive: true });
    symlinkSync(join(outside, 'id_rsa'), join(trash, 'files', '2-link.png'));
    deletion('restoring', { 'pictures/b.png': '1-b.png', 'stolen.png': '2-link.png' }, ['1-b.png']);
    await harmless(() => finishTrash(options()));
  });

  it('M5, W9: a name that a link has is taken, also by one that leads nowhere', async () => {
    symlinkSync(join(outside, 'new.png'), join(store.root, 'a.png'));
    const before = listing(outside);
    deletion('restoring', { 'a.png': '1-a.png' }, ['1-a.png']);
    await finishTrash(options());
    assert.deepEqual(listing(outside), before);
    assert.equal(readFileSync(join(store.root, 'a-2.png'), 'utf8'), 'planted');
  });

  it('M5, W9: moving takes nothing that is not an image of the workspace, and names what it left', async () => {
    symlinkSync(join(outside, 'folder'), join(store.root, 'pictures'));
    symlinkSync(join(outside, 'id_rsa'), join(store.root, 'key.png'));
    mkdirSync(join(store.root, 'folder.png'));
    writeFileSync(join(store.root, 'main.c'), 'int main');
    deletion('moving', {
      [join(outside, 'id_rsa')]: '1',
      '.git': '2',
      '.git/HEAD': '3',
      'main.c': '4',
      'pictures/a.png': '5-a.png',
      'key.png': '6-key.png',
      'folder.png': '7-folder.png',
    });
    await harmless(() => finishTrash(options()));
    assert.deepEqual(readdirSync(join(trash, 'files')), []);
  });

  for (const [what, link] of [
    ['the trash', (folder: string) => folder],
    ['the deletion', (folder: string, id: string) => join(folder, id)],
    ['its files', (folder: string, id: string) => join(folder, id, 'files')],
  ] as const) {
    for (const state of ['moving', 'restoring', 'purging']) {
      it(`M5, W9: ${what} as a link: ${state} touches nothing behind it`, async () => {
        writeFileSync(join(store.root, 'a.png'), 'ours');
        const place = link(join(store.folder, 'trash'), trashId);
        const target = join(outside, 'folder');
        mkdirSync(join(target, trashId, 'files'), { recursive: true });
        mkdirSync(join(target, 'files'));
        for (const at of [target, join(target, trashId)]) {
          writeFileSync(join(at, 'files.jsonl'), `${JSON.stringify({ path: 'b.png', name: 'a.png' })}\n`);
        }
        if (what === 'its files') deletion(state, { 'a.png': '1-a.png', 'b.png': 'a.png' });
        else insert(state);
        rmSync(place, { recursive: true, force: true });
        mkdirSync(dirname(place), { recursive: true });
        symlinkSync(target, place);
        const before = listing(outside);
        await finishTrash(options()).catch((error: unknown) =>
          assert.ok(isFactoryError(error), String(error)),
        );
        assert.deepEqual(listing(outside), before);
        assert.equal(readFileSync(join(store.root, 'a.png'), 'utf8'), 'ours');
        assert.ok(!existsSync(join(store.root, 'b.png')));
      });
    }
  }

  it('M5, W9: purging removes links and odd things in the trash themselves, and follows none', async () => {
    deletion('purging', {}, ['1-a.png']);
    symlinkSync(join(outside, 'folder'), join(trash, 'files', 'link'));
    symlinkSync(join(outside, 'id_rsa'), join(trash, 'id_rsa'));
    execFileSync('mkfifo', [join(trash, 'files', 'pipe')]);
    mkdirSync(join(trash, 'files', 'deep', 'er'), { recursive: true });
    symlinkSync(outside, join(trash, 'files', 'deep', 'er', 'up'));
    await harmless(() => finishTrash(options()));
    assert.ok(!existsSync(trash));
    assert.equal(
      store.read((db) => db.sql('SELECT 1 FROM trash').get()),
      undefined,
    );
  });

  it('M5, W9: lists that are pipes, links or folders end the work, and nobody waits for them', async () => {
    for (const make of [
      (path: string) => execFileSync('mkfifo', [path]),
      (path: string) => symlinkSync('/dev/zero', path),
      (path: string) => symlinkSync(join(outside, 'id_rsa'), path),
      (path: string) => mkdirSync(path),
    ]) {
      rmSync(trash, { recursive: true, force: true });
      mkdirSync(trash, { recursive: true });
      make(join(trash, 'files.jsonl'));
      store.edit((db) => db.sql('DELETE FROM trash').run());
      insert('moving');
      await assert.rejects(finishTrash(options()), (error) => isFactoryError(error));
    }
  });

  it('M5: an Undo whose place has become a link keeps everything, and goes through when the folder is back', async () => {
    const job = store.edit((db) => addJob(db));
    const path = join(store.root, 'pictures', 'a.png');
    mkdirSync(dirname(path));
    writeFileSync(path, 'ours');
    const image = store.edit((db) => addImage(db, job, {}, { path: 'pictures/a.png' }));
    const deleted = await deleteImages(options(), [image]);
    rmSync(dirname(path), { recursive: true });
    symlinkSync(join(outside, 'folder'), dirname(path));
    await harmless(() => undoDelete(options(), deleted.trashId));
    await assert.rejects(undoDelete(options(), deleted.trashId), (error) =>
      isFactoryError(error, 'conflict'),
    );
    await finishTrash(options());
    rmSync(dirname(path));
    await undoDelete(options(), deleted.trashId);
    assert.equal(readFileSync(path, 'utf8'), 'ours');
  });
});
