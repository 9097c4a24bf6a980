import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as XLSX from 'xlsx';
import { exportImagesArchive, exportJobsArchive } from '../../../src/engine/exports/archive.ts';
import type { ImagesForExport } from '../../../src/engine/exports/archive.ts';
import type { Destination } from '../../../src/engine/exports/destination.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import { fileAt, imageWith, into, jobWith } from './records.ts';
import { unzip } from './unzip.ts';
import type { Entry } from './unzip.ts';

const entryOf = (entries: readonly Entry[], name: string): Entry => {
  const found = entries.find((entry) => entry.name === name);
  assert.ok(found, `${name} in ${entries.map((entry) => entry.name).join(', ')}`);
  return found;
};

describe('exports as archives', () => {
  let folder: string;
  let imageFiles: string;
  let out: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'factory-archive-'));
    imageFiles = join(folder, 'pictures');
    out = join(folder, 'exports');
    await mkdir(imageFiles);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const destination = (more: Partial<Destination> = {}): Destination => ({
    folder: into(out),
    name: 'gallery',
    extension: 'zip',
    now: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...more,
  });

  async function image(
    name: string,
    bytes: Buffer | string,
    changes: Partial<ImageRecord> = {},
  ): Promise<ImageRecord> {
    const path = join(imageFiles, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, bytes);
    return imageWith({ id: `id-${name}`, path, ...changes });
  }
  const source = (images: readonly ImageRecord[], more: Partial<ImagesForExport> = {}): ImagesForExport => ({
    images: () => images,
    imageCount: images.length,
    fileOf: ({ path }) => fileAt(path),
    sidecarOf: ({ sidecarPath }) => fileAt(sidecarPath),
    job: (id) => jobWith({ id, label: id === 'other' ? 'Other Job' : 'Autumn Foxes' }),
    metadata: true,
    ...more,
  });
  const metadataRows = (entries: readonly Entry[]): Record<string, unknown>[] => {
    const sheet = XLSX.read(entryOf(entries, 'metadata.xlsx').bytes).Sheets['Images'];
    assert.ok(sheet);
    return XLSX.utils.sheet_to_json(sheet, { defval: null });
  };

  it('X3: holds the images stored as they are, the metadata and the configuration of the job', async () => {
    const bytes = Buffer.from('pixels'.repeat(1000));
    const entries = await unzip(
      (await exportImagesArchive(source([await image('fox.webp', bytes)]), destination())).path,
    );
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['images/fox.webp', 'metadata.xlsx', 'job_configuration.json'],
    );
    const fox = entryOf(entries, 'images/fox.webp');
    assert.deepEqual([fox.method, fox.flags & 8, fox.bytes.equals(bytes)], [0, 0, true]);
    const [row = {}] = metadataRows(entries);
    assert.deepEqual(Object.keys(row).slice(0, 6), [
      'Image Name',
      'Title',
      'Description',
      'Tags',
      'Date',
      'Image ID',
    ]);
    assert.deepEqual(
      [row['Image Name'], row['Title'], row['Tags'], typeof row['Date']],
      ['fox.webp', 'Red Fox', 'fox, red', 'number'],
    );
    const configuration = JSON.parse(entryOf(entries, 'job_configuration.json').bytes.toString()) as Record<
      string,
      Record<string, unknown>
    >;
    assert.equal(configuration['job']?.['label'], 'Autumn Foxes');
    assert.equal(configuration['settings']?.['generation.count'], 1);
    assert.ok(!JSON.stringify(configuration).toLowerCase().includes('apikey'));
  });

  it('X6: an entry has a name that is safe wherever the archive is unpacked, and the sheet has the same', async () => {
    const names = ['..\\..\\evil.png', 'CON.png', 'cat.png:stream.png', 'fox\u202Egnp.png', 'owl.png. '];
    const images = [];
    for (const [number, name] of names.entries()) images.push(await image(join(`${number}`, name), name));
    const entries = await unzip((await exportImagesArchive(source(images), destination())).path);
    const safe = ['evil.png', '_CON.png', 'cat.png_stream.png', 'foxgnp.png', 'owl.png'];
    assert.deepEqual(
      entries.map(({ name }) => name).filter((name) => name.startsWith('images/')),
      safe.map((name) => `images/${name}`),
    );
    assert.deepEqual(
      metadataRows(entries).map((row) => row['Image Name']),
      safe,
    );
  });

  it('X3: names are unique, also where capitals do not count, and the sheet has the same ones', async () => {
    const images = [
      await image('a/cat.png', 'one'),
      await image('b/cat.png', 'two'),
      await image('c/CAT.png', 'three'),
    ];
    const entries = await unzip((await exportImagesArchive(source(images), destination())).path);
    const names = entries
      .filter(({ name }) => name.startsWith('images/'))
      .map(({ name, bytes }) => [name, bytes.toString()]);
    assert.deepEqual(names, [
      ['images/cat.png', 'one'],
      ['images/cat-2.png', 'two'],
      ['images/CAT-3.png', 'three'],
    ]);
    assert.deepEqual(
      metadataRows(entries).map((row) => `images/${String(row['Image Name'])}`),
      names.map(([name]) => name),
    );
  });

  it('X3: an image without a file is in the sheet without a name, never in the archive, and counted as left out', async () => {
    const images = [
      await image('cat.png', 'one'),
      imageWith({ id: 'gone', path: join(imageFiles, 'gone.png') }),
      imageWith({ id: 'none', path: null }),
    ];
    const { path, leftOut } = await exportImagesArchive(source(images), destination());
    assert.equal(leftOut, 2);
    const entries = await unzip(path);
    assert.deepEqual(
      metadataRows(entries).map((row) => row['Image Name']),
      ['cat.png', null, null],
    );
    assert.equal(entries.filter(({ name }) => name.startsWith('images/')).length, 1);
  });

  it('X3: images of several jobs bring one configuration each; the sheet can be left out', async () => {
    const images = [await image('a.png', 'a'), await image('b.png', 'b', { jobId: 'other' })];
    const entries = await unzip(
      (await exportImagesArchive(source(images, { metadata: false }), destination())).path,
    );
    assert.deepEqual(
      entries.map(({ name }) => name),
      [
        'images/a.png',
        'images/b.png',
        'job_configuration_Autumn-Foxes_abc123.json',
        'job_configuration_Other-Job_other.json',
      ],
    );
  });

  it('X5: an image too large to hold in memory is streamed', async () => {
    const large = Buffer.alloc(9 * 1024 * 1024, 'x');
    const entries = await unzip(
      (
        await exportImagesArchive(
          source([await image('large.png', large)], { metadata: false }),
          destination(),
        )
      ).path,
    );
    const entry = entryOf(entries, 'images/large.png');
    assert.deepEqual([entry.method, entry.bytes.equals(large)], [0, true]);
  });

  it('X3: says that there is nothing to export', async () => {
    await assert.rejects(
      exportImagesArchive(source([imageWith({ path: null })]), destination()),
      (error) => isFactoryError(error, 'export.failed') && /nothing to export/.test(error.message),
    );
    await assert.rejects(
      exportImagesArchive(source([]), destination()),
      (error) => isFactoryError(error, 'export.failed') && /^No image is chosen/.test(error.message),
    );
    assert.deepEqual(await readdir(out), []);
  });

  it('X4: goes through its phases in order', async () => {
    const images = [await image('a.png', 'a'), await image('b.png', 'b')];
    const seen: string[] = [];
    await exportImagesArchive(source(images), destination(), {
      onProgress: ({ phase, done, total }) => seen.push(`${phase} ${done}/${total}`),
    });
    assert.deepEqual(seen, [
      'Gathering Files 1/2',
      'Gathering Files 2/2',
      'Creating Excel 1/2',
      'Creating Excel 2/2',
      'Zipping 1/2',
      'Zipping 2/2',
    ]);
  });

  it('X4: a cancel in each phase leaves nothing behind', async () => {
    const images = [await image('a.png', 'a'), await image('b.png', 'b')];
    for (const phase of ['Gathering Files', 'Creating Excel', 'Zipping']) {
      const abort = new AbortController();
      await assert.rejects(
        exportImagesArchive(source(images), destination(), {
          signal: abort.signal,
          onProgress: (progress) => {
            if (progress.phase === phase) abort.abort();
          },
        }),
        (error) => isFactoryError(error, 'cancelled'),
      );
      assert.deepEqual(await readdir(out), []);
    }
  });

  it('X4: an image that vanishes while it is exported is named, and nothing is left behind', async () => {
    for (const size of [10, 9 * 1024 * 1024]) {
      const images: ImageRecord[] = [];
      for (let i = 0; i < 8; i += 1) images.push(await image(`${i}.png`, 'a'));
      images.push(await image('b.png', Buffer.alloc(size)));
      await assert.rejects(
        exportImagesArchive(source(images, { metadata: false }), destination(), {
          onProgress: ({ phase, done }) => {
            if (phase === 'Zipping' && done === 1) rmSync(join(imageFiles, 'b.png'));
          },
        }),
        (error) => isFactoryError(error, 'export.failed') && /b\.png could not be read/.test(error.message),
      );
      assert.deepEqual(await readdir(out), []);
    }
  });

  it('X4: the default name has a time stamp and is never taken twice', async () => {
    const images = [await image('a.png', 'a')];
    const paths = [
      (await exportImagesArchive(source(images), destination())).path,
      (await exportImagesArchive(source(images), destination())).path,
    ];
    assert.equal(new Set(paths).size, 2);
    assert.match(paths[0] ?? '', /gallery_2026010\d_\d{6}\.zip$/);
    assert.match(paths[1] ?? '', /gallery_2026010\d_\d{6}-1\.zip$/);
  });

  it('X4: a chosen name is kept; taken, it gets a number or is replaced, as the user says', async () => {
    const images = [await image('a.png', 'a')];
    const path = join(folder, 'my export.zip');
    await writeFile(path, 'theirs');
    const to = async (more: Partial<Destination>): Promise<string> =>
      (await exportImagesArchive(source(images), destination({ path, ...more }))).path;
    assert.equal(await to({}), join(folder, 'my export-1.zip'));
    assert.equal(await to({ onConflict: 'append' }), join(folder, 'my export-2.zip'));
    assert.equal(await readFile(path, 'utf8'), 'theirs');
    assert.equal(await to({ onConflict: 'overwrite' }), path);
    assert.equal((await unzip(path)).length, 3);
    assert.equal(await to({ path: join(folder, 'bare') }), join(folder, 'bare.zip'));
    assert.match(await to({ path: imageFiles }), /pictures\/gallery_\d{8}_\d{6}\.zip$/);
  });

  it('X4: a failed overwrite keeps the old file', async () => {
    const path = join(folder, 'mine.zip');
    await writeFile(path, 'theirs');
    await assert.rejects(
      exportImagesArchive(
        source([imageWith({ path: null })]),
        destination({ path, onConflict: 'overwrite' }),
      ),
    );
    assert.equal(await readFile(path, 'utf8'), 'theirs');
  });

  it('X4: a folder that cannot be written is named', async () => {
    await writeFile(join(folder, 'file'), '');
    const images = [await image('a.png', 'a')];
    await assert.rejects(
      exportImagesArchive(source(images), destination({ path: join(folder, 'file', 'x.zip') })),
      (error) => isFactoryError(error, 'disk.unwritable'),
    );
  });

  it('X4, X5: a disk that takes no more ends each kind of export with what could not be written, and nothing is left', async () => {
    await mkdir(out);
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    // More than are read ahead, so that some are on their way when the disk refuses.
    for (let i = 0; i < 12; i += 1) await image(`${i}.png`, Buffer.alloc(1024 * 1024, i));
    // No file grows beyond 16 kB there.
    const { stdout } = await promisify(execFile)(
      '/bin/sh',
      [
        '-c',
        'ulimit -f 32 && exec "$0" "$@"',
        process.execPath,
        join(import.meta.dirname, 'fullDisk.mts'),
        folder,
      ],
      { env: { ...process.env, TMPDIR: temporary } },
    );
    const [images = '', job = '', jobs = ''] = stdout.split('\n');
    for (const line of [images, job, jobs]) assert.match(line, /^disk\.unwritable: .* \(EFBIG\)/);
    assert.ok(images.includes(join(out, 'export_')), images);
    assert.ok(job.includes(join(out, 'export_')), job);
    assert.ok(jobs.includes(join(temporary, 'gen-image-factory-export-')), 'the disk that is full is named');
    assert.deepEqual([await readdir(out), await readdir(temporary)], [[], []]);
  });

  it('X4: without a temporary folder it is that one which is named', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(folder, 'nowhere');
    try {
      await assert.rejects(
        exportImagesArchive(source([await image('a.png', 'a')]), destination()),
        (error) => isFactoryError(error, 'disk.unwritable') && /nowhere/.test(error.message),
      );
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    assert.deepEqual(await readdir(out), []);
  });

  describe('of several jobs', () => {
    const opened = (id: string, label: string): Parameters<typeof exportJobsArchive>[0][number] => ({
      id,
      label,
      open: () => ({ job: jobWith({ id, label }), images: [imageWith({ jobId: id })], imageCount: 1 }),
    });
    const broken: Parameters<typeof exportJobsArchive>[0][number] = {
      id: 'broken-000000000003',
      label: 'Third',
      open: () => {
        throw new Error('its rows cannot be read');
      },
    };

    it('X2: one workbook per job and a summary; a job that cannot be exported is named in it', async () => {
      const now = new Date(2026, 2, 4, 15, 6, 7).getTime();
      const { path, leftOut } = await exportJobsArchive(
        [opened('first-000000000001', 'Same'), opened('second-000000000001', 'Same'), broken],
        destination({ name: 'bulk_export', now }),
      );
      assert.equal(leftOut, 1);
      const entries = await unzip(path);
      assert.deepEqual(
        entries.map(({ name }) => name),
        ['Same_000001.xlsx', 'Same_000001-2.xlsx', 'export_summary.txt'],
      );
      const summary = entryOf(entries, 'export_summary.txt').bytes.toString();
      assert.match(summary, /Exported: 2 of 3 jobs/);
      assert.match(
        summary,
        /^Exported at: 2026-03-04 15:06$/m,
        'a local time that no country reads another way',
      );
      assert.match(
        summary,
        /Same \[second-000000000001\]: Same_000001-2\.xlsx \(Completed, 3 of 4 images approved\)/,
      );
      assert.match(summary, /Not exported: 1\n- Third \[broken-000000000003\]: its rows cannot be read/);
      const sheet = XLSX.read(entryOf(entries, 'Same_000001-2.xlsx').bytes).Sheets['Images'];
      assert.ok(sheet);
      assert.equal(
        XLSX.utils.sheet_to_json<Record<string, unknown>>(sheet)[0]?.['Job ID'],
        'second-000000000001',
      );
    });

    it('X2: fails when no job could be exported, with the reason', async () => {
      await assert.rejects(
        exportJobsArchive([broken], destination()),
        (error) => isFactoryError(error, 'export.failed') && /its rows cannot be read/.test(error.message),
      );
      assert.deepEqual(await readdir(out), []);
    });

    it('X4: a cancel stops it between and within jobs', async () => {
      const abort = new AbortController();
      const jobs = [
        opened('first-000000000001', 'One'),
        { ...opened('second-000000000002', 'Two'), open: () => (abort.abort(), opened('x', 'x').open()) },
      ];
      await assert.rejects(exportJobsArchive(jobs, destination(), { signal: abort.signal }), (error) =>
        isFactoryError(error, 'cancelled'),
      );
      assert.deepEqual(await readdir(out), []);
    });
  });
});
