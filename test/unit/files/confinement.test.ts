/** What rows and links of a folder from elsewhere try to reach, and what the disk lets them. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
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
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chooseFolder } from '../../../src/engine/files/chosenFolders.ts';
import { createFiles } from '../../../src/engine/files/files.ts';
import type { Files } from '../../../src/engine/files/files.ts';
import { appendRootText, readRootText } from '../../../src/engine/files/rootText.ts';
import { createShown } from '../../../src/engine/files/shown.ts';
import { identityVariable } from '../../../src/engine/files/userFolder.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';

describe('files of a workspace', () => {
  let folder: string;
  let root: string;
  let outside: string;
  let files: Files;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'factory-confined-')));
    root = join(folder, 'workspace');
    outside = join(folder, 'outside');
    mkdirSync(root);
    mkdirSync(outside);
    files = createFiles({ root });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (path: string, text = 'content'): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  /** All that lies below a folder, with what is in it. */
  const listing = (top: string): string[] =>
    readdirSync(top, { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path;
      })
      .sort();

  const refused = async (stored: string): Promise<void> => {
    const before = listing(folder);
    assert.equal(await files.locate(stored), null, `shown: ${stored}`);
    assert.equal(createShown({ root }).file(stored), null, `loaded: ${stored}`);
    for (const touch of [files.read(stored), files.open(stored), files.size(stored), files.remove(stored)]) {
      await assert.rejects(touch, (error) => isFactoryError(error, 'input.invalid'), stored);
    }
    assert.deepEqual(listing(folder), before, stored);
  };

  it('W9: nothing of source control or of the store is an image, however a system spells it', async () => {
    for (const stored of [
      '.git/a.png',
      '.GIT/a.png',
      '.git./a.png',
      '.git /a.png',
      'git~1/a.png',
      'GIT~2/a.png',
      '.git::$INDEX_ALLOCATION/a.png',
      '.g\u200Cit/a.png',
      '.ｇｉｔ/a.png',
      'sub/.Git/objects/a.png',
      'a/../.git/a.png',
      '.git/hooks/../a.png',
      '.gen-image-factory/exports/a.png',
      '.gen-image-factory/trash/x/files/1-a.png',
      '.gen-image-factory/a.png',
      '.GEN-IMAGE-FACTORY/thumbnails/a.png',
      'GEN-IM~1/a.png',
      'sub/.gen-image-factory/thumbnails/a.webp',
    ]) {
      write(join(root, stored));
      await refused(stored);
    }
  });

  it('W9: what is no picture, sidecar or small picture is not touched, and none is taken for another', async () => {
    for (const stored of ['src/main.c', '.env', 'notes', 'id_rsa', 'a.png.exe', 'a.gif', 'png', 'a.svg/x']) {
      write(join(root, stored));
      await refused(stored);
    }
    write(join(root, 'a.png'));
    write(join(root, 'a.png.xmp'));
    write(join(root, 'mine.webp'));
    for (const [stored, kind] of [
      ['a.png', 'sidecar'],
      ['a.png.xmp', 'picture'],
      ['a.png', 'thumbnail'],
      // Somebody's own picture is no small picture of ours.
      ['mine.webp', 'thumbnail'],
    ] as const) {
      await assert.rejects(files.remove(stored, kind), (error) => isFactoryError(error, 'input.invalid'));
      await assert.rejects(files.read(stored, kind), (error) => isFactoryError(error, 'input.invalid'));
    }
    assert.deepEqual(
      readdirSync(root).filter((name) => /^(?:a\.png|a\.png\.xmp|mine\.webp)$/.test(name)).length,
      3,
    );
  });

  it('W9: folders, pipes, sockets, devices and links are never opened, whatever they are called', async () => {
    mkdirSync(join(root, 'folder.png'));
    execFileSync('mkfifo', [join(root, 'pipe.png')]);
    symlinkSync('/dev/zero', join(root, 'device.png'));
    symlinkSync(write(join(outside, 'secret.png')), join(root, 'link.png'));
    symlinkSync(join(root, 'nothing.png'), join(root, 'dangling.png'));
    symlinkSync('loop.png', join(root, 'loop.png'));
    const server = createServer().listen(join(root, 'socket.png'));
    await once(server, 'listening');
    try {
      for (const name of ['folder', 'pipe', 'device', 'link', 'dangling', 'loop', 'socket']) {
        await assert.rejects(
          files.read(`${name}.png`),
          (error) => isFactoryError(error, 'input.invalid'),
          name,
        );
        await assert.rejects(
          files.remove(`${name}.png`),
          (error) => isFactoryError(error, 'input.invalid'),
          name,
        );
        assert.equal(await files.locate(`${name}.png`), null, name);
        assert.equal(createShown({ root }).file(`${name}.png`), null, name);
        assert.ok(lstatSync(join(root, `${name}.png`)), name);
      }
    } finally {
      server.close();
      await once(server, 'close');
    }
  });

  it('W9: no part of the way may be a link, and it is named where something was to be written', async () => {
    write(join(outside, 'deep', 'a.png'));
    symlinkSync(outside, join(root, 'out'));
    mkdirSync(join(root, 'real'));
    symlinkSync(join(outside, 'deep'), join(root, 'real', 'deep'));
    symlinkSync(join(root, 'real'), join(root, 'inner'));
    symlinkSync(join(outside, 'nowhere'), join(root, 'dangling'));
    const before = listing(outside);
    for (const [path, link] of [
      ['out', 'out'],
      ['out/deep', 'out'],
      ['out/new/below', 'out'],
      ['real/deep', 'real/deep'],
      ['inner', 'inner'],
      ['dangling', 'dangling'],
      ['dangling/below', 'dangling'],
    ] as const) {
      const target = join(root, path);
      assert.equal(await files.locate(`${path}/a.png`), null, path);
      assert.equal(createShown({ root }).file(`${path}/a.png`), null, path);
      for (const write of [
        () => files.makeFolder(target),
        () => files.write(join(target, 'b.png'), Buffer.from('x')),
        () => files.place(target, 'b.png', Buffer.from('x')),
      ]) {
        await assert.rejects(
          write,
          (error) => isFactoryError(error, 'disk.unwritable') && error.message.startsWith(join(root, link)),
          path,
        );
      }
    }
    assert.deepEqual(listing(outside), before);
    assert.deepEqual(readdirSync(join(root, 'real')), ['deep']);
  });

  it('W9: the factory names its small pictures itself: an id that is a path leads nowhere', async () => {
    for (const id of ['../../../home', '../a', 'a/b', '..', '.', '', '/etc/passwd', 'a\0b']) {
      const name = id === '' || id === '.' || id === '..' ? id : `${id}.webp`;
      await assert.rejects(files.writeThumbnail(name, Buffer.from('x')), JSON.stringify(id));
    }
    assert.deepEqual(readdirSync(root), ['.gen-image-factory']);
    assert.deepEqual(readdirSync(join(root, '.gen-image-factory', 'thumbnails')), []);
  });

  it('W9: folders of the factory that became links are refused by name', async () => {
    const own = join(root, '.gen-image-factory');
    mkdirSync(own);
    for (const name of ['thumbnails', 'exports', 'trash']) symlinkSync(outside, join(own, name));
    const told = (name: string) => (error: unknown) =>
      isFactoryError(error, 'disk.unwritable') && error.message.startsWith(join(own, name));
    await assert.rejects(files.writeThumbnail('a.webp', Buffer.from('x')), told('thumbnails'));
    for (const name of ['exports', 'trash']) {
      await assert.rejects(
        files.inOwnFolder([name], { make: true }, () => Promise.resolve()),
        told(name),
      );
    }
    rmSync(own, { recursive: true });
    symlinkSync(outside, own);
    await assert.rejects(
      files.writeThumbnail('a.webp', Buffer.from('x')),
      (error) => isFactoryError(error, 'disk.unwritable') && error.message.startsWith(own),
    );
    assert.deepEqual(readdirSync(outside), []);
  });

  it('W13: only the user alone reads what lies in the store; delivered pictures have the usual rights', async function () {
    if (process.platform === 'win32') this.skip();
    const stored = await files.writeThumbnail('a.webp', Buffer.from('x'));
    const rights = (path: string): number => lstatSync(path).mode & 0o777;
    assert.equal(rights(join(root, stored)), 0o600);
    assert.equal(rights(join(root, '.gen-image-factory')), 0o700);
    assert.equal(rights(join(root, '.gen-image-factory', 'thumbnails')), 0o700);
    const placed = await files.place(join(root, 'pictures'), 'a.png', Buffer.from('x'));
    assert.equal(rights(placed), rights(write(join(root, 'usual', 'a.png'))));
    assert.equal(rights(dirname(placed)), rights(join(root, 'usual')));
  });

  it('W9: texts at the top of the workspace are read and added to through no link', async () => {
    assert.equal(await readRootText(root, '.gitignore'), '');
    await appendRootText(root, '.gitignore', '/pictures/');
    await appendRootText(root, '.gitignore', '/out/');
    assert.equal(await readRootText(root, '.gitignore'), '/pictures/\n/out/\n');
    const profile = write(join(outside, '.profile'), 'mine\n');
    for (const target of [profile, join(outside, 'new'), '/dev/zero']) {
      rmSync(join(root, '.gitignore'));
      symlinkSync(target, join(root, '.gitignore'));
      await assert.rejects(readRootText(root, '.gitignore'), (error) =>
        isFactoryError(error, 'input.invalid'),
      );
      await assert.rejects(appendRootText(root, '.gitignore', 'x'), (error) =>
        isFactoryError(error, 'input.invalid'),
      );
    }
    assert.deepEqual(listing(outside), [`${profile}: mine\n`]);
  });

  it('S14: a folder outside counts when the user has named it, and only as long as it lies where it lay', async () => {
    write(join(outside, 'pictures', 'a.png'));
    const target = join(outside, 'pictures');
    const stored = join(target, 'a.png');
    assert.equal(await files.locate(stored), null);
    assert.deepEqual(await files.refusalOf(target), { why: 'outside' });
    const user = createFiles({ root, folders: () => [target] });
    assert.equal(await user.locate(stored), stored);
    assert.equal(await user.locate(join(outside, 'b.png')), null);
    files.choose(target);
    assert.equal(await files.locate(stored), stored);
    assert.equal(
      await createFiles({ root: outside }).locate(join(root, 'a.png')),
      null,
      'it counts for one workspace',
    );
    renameSync(target, join(outside, 'moved'));
    mkdirSync(join(outside, 'other'));
    write(join(outside, 'other', 'a.png'));
    symlinkSync(join(outside, 'other'), target);
    for (const later of [files, user, createFiles({ root })]) {
      assert.equal(await later.locate(stored), null, 'another folder has its name');
      await assert.rejects(later.place(target, 'b.png', Buffer.from('x')), (error) =>
        isFactoryError(error, 'disk.unwritable'),
      );
    }
    assert.deepEqual(readdirSync(join(outside, 'other')), ['a.png']);
  });

  it('S14: a link in the workspace counts when the user has chosen it, and no longer when it leads elsewhere', async () => {
    const target = join(outside, 'disk');
    mkdirSync(target);
    const link = join(root, 'pictures');
    symlinkSync(target, link);
    assert.deepEqual(await files.refusalOf(link), { why: 'link', link, leadsOut: true });
    chooseFolder(root, link);
    assert.equal(await files.refusalOf(link), null);
    assert.equal(await files.place(link, 'a.png', Buffer.from('x')), join(link, 'a.png'));
    assert.equal((await files.read('pictures/a.png', 'picture')).toString(), 'x');
    assert.equal(createShown({ root }).file('pictures/a.png'), join(link, 'a.png'));
    rmSync(link);
    symlinkSync(write(join(outside, 'thief', 'a.png'), 'theirs') && join(outside, 'thief'), link);
    const later = createFiles({ root });
    assert.equal(await later.locate('pictures/a.png'), null);
    await assert.rejects(later.place(link, 'b.png', Buffer.from('x')), (error) =>
      isFactoryError(error, 'disk.unwritable'),
    );
    assert.deepEqual(readdirSync(join(outside, 'thief')), ['a.png']);
  });

  it('S14: where nothing can be written for the user, a choice counts in this process', async () => {
    const before = process.env[identityVariable];
    process.env[identityVariable] = write(join(folder, 'file')) + '/identity';
    try {
      assert.deepEqual(await files.refusalOf(outside), { why: 'outside' });
      files.choose(outside);
      assert.equal(await files.refusalOf(outside), null);
    } finally {
      process.env[identityVariable] = before;
    }
  });

  it('S14: nothing of source control is chosen, and no user setting unlocks a link in the workspace', async () => {
    mkdirSync(join(outside, '.git', 'pictures'), { recursive: true });
    chooseFolder(root, join(outside, '.git', 'pictures'));
    assert.deepEqual(await files.refusalOf(join(outside, '.git', 'pictures')), { why: 'protected' });
    symlinkSync(outside, join(root, 'link'));
    const user = createFiles({ root, folders: () => [join(root, 'link')] });
    assert.equal((await user.refusalOf(join(root, 'link')))?.why, 'link');
  });

  it('W2, W9: a workspace that is itself reached by a link has no link below it', async () => {
    const alias = join(folder, 'alias');
    symlinkSync(root, alias);
    const aliased = createFiles({ root: alias });
    await aliased.makeFolder(join(alias, 'pictures'));
    assert.equal(
      await aliased.place(join(alias, 'pictures'), 'a.png', Buffer.from('x')),
      join(alias, 'pictures', 'a.png'),
    );
    assert.equal((await aliased.read('pictures/a.png')).toString(), 'x');
    assert.equal(await aliased.locate(join(root, 'pictures', 'a.png')), join(root, 'pictures', 'a.png'));
    symlinkSync(outside, join(root, 'out'));
    assert.equal(await aliased.locate('out/a.png'), null);
  });

  it('W9: a link that is swapped in between look and deed reaches nothing', async function () {
    // Elsewhere the rest of the race is described, not closed.
    if (process.platform !== 'linux') this.skip();
    this.timeout(60_000);
    const inside = join(root, 'pictures');
    mkdirSync(inside);
    for (const top of [inside, outside]) {
      for (let n = 0; n < 120; n += 1) write(join(top, `${n}.png`), top === inside ? 'ours' : 'secret');
    }
    const before = listing(outside);
    // Exchanges the folder and a link, at moments that nothing follows; in between either is there for a while.
    const swapper = spawn(process.execPath, [
      '-e',
      `const fs = require('node:fs');
       const [, folder, outside] = process.argv;
       console.log('begun');
       const forAWhile = (most) => {
         const end = performance.now() + Math.random() * most;
         while (performance.now() < end);
       };
       for (;;) {
         forAWhile(2);
         try {
           fs.renameSync(folder, folder + '-aside');
           fs.symlinkSync(outside, folder);
           forAWhile(0.2);
           fs.unlinkSync(folder);
         } catch {
           // The folder was made anew while it was away.
           try { fs.rmSync(folder, { recursive: true, force: true }); } catch {}
         }
         try { fs.renameSync(folder + '-aside', folder); } catch {}
       }`,
      inside,
      outside,
    ]);
    await once(swapper.stdout, 'data');
    const ended = { read: 0, written: 0, removed: 0, refused: 0 };
    const tried = async (
      what: 'read' | 'written' | 'removed',
      work: () => Promise<unknown>,
    ): Promise<void> => {
      try {
        const result = await work();
        ended[what] += 1;
        if (what === 'read') assert.equal(String(result), 'ours');
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        ended.refused += 1;
      }
    };
    try {
      for (let n = 0; n < 120; n += 1) {
        await tried('read', () => files.read(`pictures/${n}.png`));
        await tried('written', () => files.write(join(inside, `new-${n}.png`), Buffer.from('new')));
        await tried('removed', () => files.remove(`pictures/new-${n}.png`));
        await tried('written', () => files.place(inside, `placed-${n}.png`, Buffer.from('new')));
        if (n % 3 === 0) await tried('removed', () => files.remove(`pictures/${n}.png`));
      }
    } finally {
      swapper.kill('SIGKILL');
      await once(swapper, 'close');
    }
    assert.deepEqual(listing(outside), before);
    assert.equal(swapper.signalCode, 'SIGKILL', 'it has swapped to the end');
    assert.ok(ended.written > 0 && ended.refused > 0, JSON.stringify(ended));
  });
});
