/** What must hold whenever nothing works on a workspace, whatever happened before. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { imagesBySeq } from '../../../src/engine/store/images.ts';
import { filesIn, imagesOf, jobOf, readBytes, slotsOf } from './workspace.ts';
import type { Workspace } from './workspace.ts';

interface RowPaths {
  original_path: string | null;
  cutout_path: string | null;
}

/** Rows and files agree: no file without a row, no row without its file, no slot with two images. */
export function assertConsistent(workspace: Workspace, jobId: string): void {
  const images = imagesOf(workspace);
  const bySlot = new Map<string, number>();
  for (const image of images) {
    const slot = `${image.jobId} ${image.generation}-${image.variation}`;
    bySlot.set(slot, (bySlot.get(slot) ?? 0) + 1);
    assert.equal(bySlot.get(slot), 1, `slot ${slot} has more than one image`);
    if (image.status !== 'approved') continue;
    assert.ok(image.path !== null, `${image.id} is approved without a file`);
    const header = acceptImage(readBytes(workspace, image.path));
    assert.deepEqual([header.width, header.height], [image.width, image.height], image.path);
  }
  const rows = workspace.store.read((db) =>
    db.sql<RowPaths>('SELECT original_path, cutout_path FROM images').all(),
  );
  const named = (paths: (string | null)[]): string[] =>
    paths
      .filter((path) => path !== null)
      .map((path) => basename(path))
      .sort();
  assert.deepEqual(
    filesIn(workspace, 'pictures/toupload'),
    named(images.flatMap(({ path, sidecarPath }) => [path, sidecarPath])),
    'output folder',
  );
  const originals = rows.flatMap((row) => [row.original_path, row.cutout_path]);
  assert.deepEqual(filesIn(workspace, 'pictures/generated'), named(originals), 'temp folder');
  const thumbnails = named(images.map(({ thumbnailPath }) => thumbnailPath));
  assert.deepEqual(filesIn(workspace, '.gen-image-factory/thumbnails'), thumbnails, 'thumbnails');
  assertCounted(workspace, jobId);
}

/** The job's counters are what its rows say. */
export function assertCounted(workspace: Workspace, jobId: string): void {
  const job = jobOf(workspace, jobId);
  const images = imagesOf(workspace).filter((image) => image.jobId === jobId);
  const count = (...statuses: string[]): number =>
    images.filter(({ status }) => statuses.includes(status)).length;
  const failedSlots = slotsOf(workspace, jobId).filter(({ state }) => state === 'failed').length;
  assert.equal(job.generated, images.length, 'generated');
  assert.equal(job.approved, count('approved'), 'approved');
  assert.equal(job.failed, count('failed', 'qcFailed', 'retryFailed') + failedSlots, 'failed');
  const [ledger] = workspace.store.read((db) =>
    db
      .sql<{ cost: number }>(
        `SELECT coalesce(sum(cost_micro_usd), 0) AS cost FROM calls WHERE state IN ('answered', 'failed', 'lost')`,
      )
      .all(),
  );
  assert.equal(job.cost.microUsd, ledger?.cost, 'cost');
}

/** Every planned slot has an approved image. */
export function assertAllApproved(workspace: Workspace, jobId: string): void {
  const job = jobOf(workspace, jobId);
  assert.equal(job.approved, job.planned);
  assert.equal(job.failed, 0);
  const seqs = imagesOf(workspace).map(({ seq }) => seq);
  const records = workspace.store.read((db) => imagesBySeq(db, seqs));
  assert.deepEqual(new Set(records.map(({ status }) => status)), new Set(['approved']));
}
