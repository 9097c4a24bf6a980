/** A history to be spoilt: jobs in every state, images with files, failed slots, calls, logs, waiting runs, a deletion. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jobStatuses, imageStatuses } from '../../src/engine/model/status.ts';
import { createFiles } from '../../src/engine/files/files.ts';
import { openCall } from '../../src/engine/store/calls.ts';
import { openStore } from '../../src/engine/store/database.ts';
import { insertDocument } from '../../src/engine/store/documents.ts';
import { insertLogs } from '../../src/engine/store/logs.ts';
import { insertRun } from '../../src/engine/store/runs.ts';
import { failSlot } from '../../src/engine/store/slots.ts';
import type { Writer } from '../../src/engine/store/store.ts';
import { deleteImages } from '../../src/engine/store/trash.ts';
import { addImage, addJob } from '../unit/store/support.ts';

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export async function makeTemplate(root: string): Promise<void> {
  const store = await openStore({ root });
  const place = (path: string): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), pixel);
    return path;
  };
  const images = store.edit((db) =>
    jobStatuses.flatMap((status, number) => addHistory(db, status, number, place)),
  );
  await deleteImages({ store, files: createFiles({ root }), now: Date.now }, images.slice(2, 4));
  store.close();
}

function addHistory(
  db: Writer,
  status: (typeof jobStatuses)[number],
  number: number,
  place: (path: string) => string,
): string[] {
  const jobId = addJob(db, {
    status,
    label: `Job ${number}`,
    createdAt: 1000 + number,
    generations: 4,
    variations: 2,
  });
  const ids = imageStatuses.map((imageStatus, at) => {
    const name = `${number}-${at}`;
    return addImage(
      db,
      jobId,
      {
        ...{ status: imageStatus, generation: at >> 1, variation: at & 1, seed: at, createdAt: 2000 + at },
        nextStage: imageStatus === 'pending' ? 'download' : null,
      },
      {
        title: `Fox ${name}`,
        tags: ['fox'],
        originalPath: place(`pictures/originals/${name}.png`),
        path: imageStatus === 'approved' ? place(`pictures/toupload/${name}.png`) : null,
        thumbnailPath: place(`.gen-image-factory/thumbnails/${name}.webp`),
        failure: imageStatus === 'failed' ? { stage: 'trim', code: 'unexpected', reason: 'why' } : null,
      },
    );
  });
  failSlot(
    db,
    { jobId, generation: 3, variation: 1 },
    { stage: 'generate', code: 'unexpected', reason: 'r' },
    5,
  );
  const call = randomUUID();
  openCall(db, {
    ...{ id: call, jobId, runId: null, generation: 0, imageId: null, stage: 'generate', provider: 'sample' },
    ...{ model: 'sample', recoveryKey: call, asked: 1, request: {}, reservedMicroUsd: 5, sentAt: 1 },
  });
  for (const debug of [false, true]) {
    insertLogs(db, [{ jobId, imageId: ids[0] ?? null, at: 1, level: 'info', debug, message: 'A line.' }]);
  }
  insertDocument(db, `content ${number}`);
  const kind = number % 2 === 0 ? 'resume' : 'retry';
  insertRun(db, {
    ...{ id: randomUUID(), kind, status: 'held', jobId, title: `Run ${number}`, request: {}, createdAt: 1 },
    ...(kind === 'retry' ? { imageIds: ids.slice(2, 4) } : { total: 1 }),
  });
  return ids;
}
