import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { generateStore } from '../../bench/generateStore.mts';
import { makeWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

const jobs = 20;
const images = 2000;

describe('deleting many jobs', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = makeWorkspace();
    await generateStore({ root: workspace.root, jobs, images, imageFiles: 3, ownFiles: images });
  });
  after(() => workspace.dispose());

  const filesIn = (folder: string): string[] =>
    readdirSync(join(workspace.root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(workspace.root, join(entry.parentPath, entry.name)))
      .sort();
  const imageFiles = (): string[] => [
    ...filesIn('pictures/toupload'),
    ...filesIn('pictures/generated'),
    ...filesIn('.gen-image-factory/thumbnails'),
  ];
  const query = <Row>(sql: string): Row[] => {
    const db = new Database(join(workspace.root, '.gen-image-factory/factory.db'), { readonly: true });
    try {
      return db.prepare<[], Row>(sql).all();
    } finally {
      db.close();
    }
  };
  /** Rows that belong to jobs; the ledger of what was paid is history and outlives them. */
  const rowsLeft = (): Record<string, number> => {
    const tables = ['jobs', 'job_inputs', 'generations', 'slots', 'images', 'image_texts', 'logs', 'runs'];
    const counts = tables.map((table) => query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)[0]?.n);
    return Object.fromEntries(tables.map((table, index) => [table, counts[index] ?? -1]));
  };
  /** The files that rows of images name. */
  const filesOfImages = (): Set<string> => {
    const rows = query<Record<string, string | null>>(
      'SELECT path, original_path, thumbnail_path FROM images',
    );
    return new Set(rows.flatMap((row) => Object.values(row)).filter((path) => path !== null));
  };

  it('M5: 20 jobs with 2,000 images leave no row and no file but in the trash; Undo brings all of them back', async () => {
    const factory = await workspace.open();
    const [rowsBefore, filesBefore] = [rowsLeft(), imageFiles()];
    assert.deepEqual([rowsBefore['jobs'], rowsBefore['images']], [jobs, images]);
    const named = filesOfImages();
    assert.ok(named.size > 2 * images, `${named.size} files`);
    assert.equal(filesBefore.filter((file) => named.has(file)).length, named.size);
    // Images that waited for a retry come back as they were before it.
    const foxes = { search: 'fox', statuses: ['approved', 'qcFailed', 'failed'] } as const;
    const shown = (): Promise<unknown[]> =>
      Promise.all([
        factory
          .jobs({}, 'newest', { limit: jobs })
          .then(({ items }) => items.map((job) => ({ ...job, asOf: 0 }))),
        factory.images(foxes, 'newest', { limit: 200 }),
        factory.imageIds({}),
        factory.statistics(),
      ]);
    const shownBefore = await shown();

    const ids = await factory.jobIds({});
    const { trashId, ...counts } = await factory.deleteJobs(ids);
    assert.deepEqual(counts, { jobs, images });
    assert.deepEqual(
      Object.entries(rowsLeft()).filter(([, count]) => count > 0),
      [],
    );
    assert.deepEqual(
      imageFiles(),
      filesBefore.filter((file) => !named.has(file)),
    );
    const trashed = filesIn('.gen-image-factory/trash').filter((name) => name.endsWith('.webp'));
    assert.equal(trashed.length, named.size);
    assert.deepEqual((await factory.images(foxes, 'newest', { limit: 200 })).items, []);

    assert.deepEqual(await factory.undoDelete(trashId), { jobs, images });
    assert.deepEqual(rowsLeft(), rowsBefore);
    assert.deepEqual(imageFiles(), filesBefore);
    assert.deepEqual(await shown(), shownBefore);
    assert.deepEqual(filesIn('.gen-image-factory/trash'), []);
  });
});
