import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createFiles } from '../../../src/engine/files/files.ts';
import type { Files } from '../../../src/engine/files/files.ts';
import { asideName, leavesDiskSpace } from '../../../src/engine/files/heldFiles.ts';
import { toStored } from '../../../src/engine/files/inside.ts';
import { deliveredName, slug } from '../../../src/engine/files/names.ts';
import { diskError } from '../../../src/engine/model/diskErrors.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';

const errno = (code: string): Error => Object.assign(new Error(code), { code });

describe('files and names', () => {
  let folder: string;
  let disk: Files;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'factory-files-')));
    disk = createFiles({ root: folder });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('P3: a file is complete under its name, replaces the old one, and leaves nothing beside it', async () => {
    const path = join(folder, 'new', 'a.png');
    await disk.write(path, Buffer.from('one'));
    await disk.write(path, Buffer.from('two'));
    assert.equal(await readFile(path, 'utf8'), 'two');
    assert.deepEqual(await readdir(join(folder, 'new')), ['a.png']);
  });

  it('P13: a full disk and a folder that cannot be written each have their code and a remedy', async () => {
    assert.ok(isFactoryError(diskError(errno('ENOSPC'), '/x/a.png'), 'disk.full'));
    assert.match(
      diskError(errno('ENOSPC'), '/x/a.png').message,
      /no space left.*\/x\/a\.png.*Free some space/,
    );
    for (const code of ['EACCES', 'EROFS', 'EPERM']) {
      assert.ok(isFactoryError(diskError(errno(code), '/x/a.png'), 'disk.unwritable'));
    }
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(disk.write(join(folder, 'file', 'a.png'), Buffer.from('x')), (error) =>
      isFactoryError(error, 'disk.unwritable'),
    );
  });

  it('P3: what a killed process left half written goes, and nothing else', async () => {
    await writeFile(join(folder, asideName()), 'half');
    await writeFile(join(folder, '.mine.part'), 'kept');
    await writeFile(join(folder, 'a.png'), 'kept');
    await disk.removeAside(folder);
    assert.deepEqual((await readdir(folder)).sort(), ['.mine.part', 'a.png']);
    await disk.removeAside(join(folder, 'not there'));
  });

  it('P13: images leave the store the room to write down that the disk is full', () => {
    const disk = (free: number): { blocks: number; bavail: number; bsize: number } => ({
      blocks: 1000,
      bavail: free / 4096,
      bsize: 4096,
    });
    const image = 512 * 1024;
    assert.ok(leavesDiskSpace(disk(2 * 1024 * 1024), image));
    assert.ok(!leavesDiskSpace(disk(1024 * 1024), image));
    assert.ok(!leavesDiskSpace(disk(0), 1));
    assert.ok(
      leavesDiskSpace({ blocks: 0, bavail: 0, bsize: 4096 }, image),
      'a disk that does not tell its size',
    );
  });

  it('P11: never overwrites: a taken name gets a number', async () => {
    await writeFile(join(folder, 'a.png'), 'theirs');
    assert.equal(await disk.place(folder, 'a.png', Buffer.from('mine')), join(folder, 'a-2.png'));
    assert.equal(await disk.place(folder, 'a.png', Buffer.from('mine')), join(folder, 'a-3.png'));
    assert.equal(await readFile(join(folder, 'a.png'), 'utf8'), 'theirs');
    assert.deepEqual((await readdir(folder)).sort(), ['a-2.png', 'a-3.png', 'a.png']);
  });

  it('P11: twenty at once get twenty names', async () => {
    const paths = await Promise.all(
      Array.from({ length: 20 }, (_, i) => disk.place(folder, 'a.png', Buffer.from(`${i}`))),
    );
    assert.equal(new Set(paths).size, 20);
    for (const [i, path] of paths.entries()) assert.equal(await readFile(path, 'utf8'), `${i}`);
  });

  it('J3: a delivery that was cut short finds its own file again, and only its own', async () => {
    const first = await disk.place(folder, 'a.png', Buffer.from('mine'));
    assert.equal(await disk.place(folder, 'a.png', Buffer.from('mine'), { adoptIdentical: true }), first);
    assert.equal(
      await disk.place(folder, 'a.png', Buffer.from('more'), { adoptIdentical: true }),
      join(folder, 'a-2.png'),
    );
  });

  it('P11: the name is made of label, short id and 1-based numbers', () => {
    assert.equal(deliveredName('Autumn Foxes', 'abc123', 0, 0, 'webp'), 'Autumn-Foxes_abc123_0001-01.webp');
    assert.equal(
      deliveredName('job_20260102_030405', 'abc123', 2499, 19, 'png'),
      'job_20260102_030405_abc123_2500-20.png',
    );
  });

  it('P11: labels keep the letters of every script', () => {
    assert.equal(slug('Über süße Füchse'), 'Über-süße-Füchse');
    assert.equal(slug('秋の狐'), '秋の狐');
    assert.equal(slug('лиса и лес'), 'лиса-и-лес');
    assert.equal(slug('हिन्दी'), 'हिन्दी');
  });

  it('P11: labels that Windows or a shell would stumble over become harmless', () => {
    assert.equal(slug('../../etc/passwd'), 'etc-passwd');
    assert.equal(slug('a:b*c?"<>|d'), 'a-b-c-d');
    assert.equal(slug('CON'), '_CON');
    assert.equal(slug('lpt1'), '_lpt1');
    assert.equal(slug('trailing. '), 'trailing');
    assert.equal(slug('🦊🦊'), 'job');
    assert.equal(slug('\u202Eevil\u200B'), 'evil');
    assert.equal(slug(''), 'job');
    assert.ok(Buffer.byteLength(slug('狐'.repeat(300))) <= 120);
  });

  it('P11: any label gives a name that every system takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (label) => {
        const name = deliveredName(label, 'abc123', 0, 0, 'webp');
        assert.ok(Buffer.byteLength(name) <= 160);
        assert.match(
          name,
          /^[^<>:"/\\|?*\p{Cc}\p{Cf}\s.][^<>:"/\\|?*\p{Cc}\p{Cf}\s.]*_abc123_0001-01\.webp$/u,
        );
        assert.equal(slug(slug(label)), slug(label));
      }),
    );
  });

  describe('paths in the store', () => {
    it('W2: are relative with forward slashes inside the workspace, absolute outside', () => {
      assert.equal(toStored('/work', '/work/pictures/a.png'), 'pictures/a.png');
      assert.equal(toStored('/work', '/workshop/a.png'), '/workshop/a.png');
      assert.equal(toStored('/work', '/work/..a/b.png'), '..a/b.png');
    });

    it('W9: lead back to files in the workspace and in configured folders, there or not', async () => {
      const root = join(folder, 'workspace');
      const elsewhere = join(folder, 'elsewhere');
      await mkdir(root);
      await mkdir(elsewhere);
      for (const stored of ['pictures/a.png', 'pictures/../b.png', 'not/yet/there.png']) {
        assert.equal(await createFiles({ root }).locate(stored), join(root, stored));
      }
      const outside = join(elsewhere, 'a.png');
      assert.equal(await createFiles({ root, folders: () => [elsewhere] }).locate(outside), outside);
      assert.equal(await createFiles({ root, folders: () => ['../elsewhere'] }).locate(outside), outside);
    });

    it('W9: that leave them are refused, also through links, and so is what is no image', async () => {
      const root = join(folder, 'workspace');
      await mkdir(root);
      await writeFile(join(folder, 'secret'), 'x');
      await symlink(folder, join(root, 'link'));
      await symlink(join(folder, 'nowhere'), join(root, 'dangling'));
      await writeFile(join(root, 'file'), '');
      await writeFile(join(folder, 'secret.png'), 'x');
      await symlink(join(folder, 'secret.png'), join(root, 'to-picture.png'));
      await mkdir(join(root, 'folder.png'));
      execFileSync('mkfifo', [join(root, 'pipe.png')]);
      for (const stored of [
        '../secret',
        join(folder, 'secret'),
        '/etc/passwd',
        'link/secret',
        'link/not-there',
        'dangling',
        'a\0b',
        '',
        '.',
        'file/child',
        'link/secret.png',
        'to-picture.png',
        'folder.png',
        'pipe.png',
        'src/main.c',
        'notes',
        '.env',
        '.git/HEAD',
        '.git/objects/a.png',
        'sub/.git/a.png',
        '.gen-image-factory/trash/a.png',
        '.gen-image-factory/factory.db',
      ]) {
        const files = createFiles({ root });
        assert.equal(await files.locate(stored), null, stored);
        for (const touch of [
          files.read(stored),
          files.open(stored),
          files.size(stored),
          files.remove(stored),
        ]) {
          await assert.rejects(touch, (error) => isFactoryError(error, 'input.invalid'), stored);
        }
      }
    });

    it('W2: work in a workspace that is itself reached by a link', async () => {
      const root = join(folder, 'workspace');
      await mkdir(root);
      await symlink(root, join(folder, 'alias'));
      assert.equal(
        await createFiles({ root: join(folder, 'alias') }).locate('a.png'),
        join(folder, 'alias', 'a.png'),
      );
    });
  });
});
