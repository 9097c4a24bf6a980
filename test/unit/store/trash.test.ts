import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createFiles } from '../../../src/engine/files/files.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { jobSpending, openCall, settleCall } from '../../../src/engine/store/calls.ts';
import { countImages, listImages } from '../../../src/engine/store/imageList.ts';
import { markRetryPending } from '../../../src/engine/store/images.ts';
import { countJobs } from '../../../src/engine/store/jobList.ts';
import { endJob, findJob, startJob } from '../../../src/engine/store/jobs.ts';
import { insertLogs, listLogs } from '../../../src/engine/store/logs.ts';
import { endRun, insertRun, waitingRuns } from '../../../src/engine/store/runs.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import {
  deleteImages,
  deleteJobs,
  finishTrash,
  purgeTrash,
  trashKept,
  trashSize,
  undoDelete,
} from '../../../src/engine/store/trash.ts';
import type { TrashOptions } from '../../../src/engine/store/trash.ts';
import { addImage, addJob, workspaces } from './support.ts';

const tables = ['jobs', 'job_inputs', 'generations', 'slots', 'images', 'image_texts', 'logs', 'calls'];

/** All rows of the store, to compare before and after. */
function everything(store: Store): Record<string, unknown[]> {
  return Object.fromEntries(
    tables.map((table) => {
      const rows = store.read((db) => db.sql(`SELECT * FROM ${table}`).all());
      return [table, rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))];
    }),
  );
}

/** The files of the workspace outside the store, with what is in them. */
function files(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const path = relative(root, join(entry.parentPath, entry.name));
    const own = path.startsWith('.gen-image-factory') && !path.startsWith('.gen-image-factory/thumbnails');
    if (entry.isFile() && !own) found[path] = readFileSync(join(root, path), 'utf8');
  }
  return found;
}

function optionsFor(store: Store, now = 5000): TrashOptions {
  return {
    store,
    files: createFiles({ root: store.root }),
    now: () => now,
  };
}

/** Two jobs with images, files and logs. */
function fill(store: Store): { jobs: [string, string]; images: string[] } {
  const images: string[] = [];
  const jobs = store.edit((db): [string, string] => {
    const made: [string, string] = [addJob(db, { label: 'First' }), addJob(db, { label: 'Second' })];
    for (const [number, job] of made.entries()) {
      for (let n = 0; n < 6; n += 1) {
        const name = `${number}-${n}`;
        const paths = {
          originalPath: `pictures/generated/${name}.png`,
          path: `pictures/toupload/${name}.webp`,
          thumbnailPath: `.gen-image-factory/thumbnails/${name}.webp`,
        };
        const slot = { generation: n % 3, variation: Math.floor(n / 3) };
        images.push(
          addImage(db, job, { ...slot, prompt: `prompt ${name}` }, { title: `title ${name}`, ...paths }),
        );
        for (const path of Object.values(paths)) {
          const file = join(store.root, path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, `content of ${path}`);
        }
      }
      insertLogs(
        db,
        [false, true].map((debug) => ({
          jobId: job,
          imageId: null,
          at: 1,
          level: 'info' as const,
          debug,
          message: `hello ${debug}`,
        })),
      );
      openCall(db, {
        id: `call ${number}`,
        jobId: job,
        runId: null,
        generation: 0,
        imageId: null,
        stage: 'prompt',
        provider: 'openai',
        model: 'm',
        recoveryKey: '',
        asked: 1,
        request: {},
        reservedMicroUsd: 10,
        sentAt: 1,
      });
      settleCall(db, `call ${number}`, { state: 'answered', costMicroUsd: 6, now: 2 });
    }
    return made;
  });
  return { jobs, images };
}

function sound(store: Store): void {
  store.edit((db) => {
    db.sql(`INSERT INTO images_text (images_text) VALUES ('integrity-check')`).run();
    db.sql(`INSERT INTO jobs_text (jobs_text) VALUES ('integrity-check')`).run();
  });
  assert.deepEqual(
    store.read((db) => db.sql('PRAGMA foreign_key_check').all()),
    [],
  );
}

describe('deleting with Undo', () => {
  const { open } = workspaces();

  it('M5: a deleted job takes its images, logs and files along; the ledger stays', async () => {
    const store = await open();
    const { jobs } = fill(store);
    const deleted = await deleteJobs(optionsFor(store), [jobs[0].slice(-6)]);
    assert.deepEqual([deleted.jobs, deleted.images], [1, 6]);
    assert.deepEqual(
      Object.keys(files(store.root)).filter((path) => /\/0-\d/.test(path)),
      [],
    );
    assert.equal(Object.keys(files(store.root)).length, 18);
    assert.equal(
      store.read((db) => countJobs(db, {})),
      1,
    );
    assert.equal(store.read((db) => countImages(db, {})).total, 6);
    assert.equal(store.read((db) => jobSpending(db, jobs[0])).settled.microUsd, 6);
    assert.deepEqual(
      store.read((db) => listImages(db, { search: 'title 0-1' }, 'newest', { limit: 5 })).items,
      [],
    );
    assert.deepEqual(
      await trashSize(createFiles({ root: store.root })).then(({ files: count }) => count),
      18 + 2,
    );
    sound(store);
  });

  it('M5: Undo brings rows and files back exactly as they were', async () => {
    const store = await open();
    const { jobs, images } = fill(store);
    const before = [everything(store), files(store.root)];
    for (const remove of [
      () => deleteJobs(optionsFor(store), jobs),
      () => deleteJobs(optionsFor(store), [jobs[1]]),
      () => deleteImages(optionsFor(store), [images[0] ?? '', images[7] ?? '']),
      () => deleteImages(optionsFor(store), images),
    ]) {
      const { trashId, ...counts } = await remove();
      assert.notDeepEqual(everything(store), before[0]);
      assert.deepEqual(await undoDelete(optionsFor(store), trashId), counts);
      assert.deepEqual([everything(store), files(store.root)], before);
      assert.deepEqual(readdirSync(join(store.folder, 'trash')), []);
      sound(store);
    }
    assert.equal(
      store.read((db) => listImages(db, { search: 'title 0-1' }, 'newest', { limit: 5 })).items.length,
      1,
    );
    assert.equal(store.read((db) => listLogs(db, jobs[0], { debug: true, limit: 9 })).length, 2);
  });

  it('M5: what was numbered after a delete does not collide with what Undo brings back', async () => {
    const store = await open();
    const { images } = fill(store);
    const { trashId } = await deleteImages(optionsFor(store), images.slice(-3));
    store.edit((db) => addImage(db, addJob(db)));
    await undoDelete(optionsFor(store), trashId);
    assert.equal(store.read((db) => countImages(db, {})).total, 13);
  });

  it('M5: a crash at any moment of a delete or an Undo is made good at the next start', async () => {
    class Crash extends Error {}
    for (const direction of ['delete', 'undo'] as const) {
      for (let moment = 1, crashed = true; crashed; moment += moment < 6 ? 1 : 4) {
        const store = await open();
        const { jobs } = fill(store);
        const before = [everything(store), files(store.root)];
        const undone = direction === 'undo' ? await deleteJobs(optionsFor(store), [jobs[0]]) : null;
        let steps = 0;
        /** Each transaction and each file is a moment; none of them comes after the crash. */
        const step = (): void => {
          steps += 1;
          if (steps >= moment) throw new Crash();
        };
        const disk = createFiles({ root: store.root });
        const dying: TrashOptions = {
          ...optionsFor(store),
          store: {
            ...store,
            edit: (fn, how) => {
              step();
              return store.edit(fn, how);
            },
            editDurably: (fn) => {
              step();
              return store.editDurably(fn);
            },
          },
          files: {
            ...disk,
            holding: (stored, how, use) => {
              step();
              return disk.holding(stored, how, use);
            },
          },
        };
        crashed = await (
          undone === null ? deleteJobs(dying, [jobs[0]]) : undoDelete(dying, undone.trashId)
        ).then(
          () => false,
          (error: unknown) => {
            assert.ok(error instanceof Crash, String(error));
            return true;
          },
        );
        store.close();
        const next = await open({ root: store.root });
        await finishTrash(optionsFor(next));
        sound(next);
        const left = next.read((db) =>
          db.sql<{ id: string; state: string }>('SELECT id, state FROM trash').all(),
        );
        const said = `${direction}, moment ${moment}`;
        if (left[0] !== undefined) {
          assert.equal(left[0].state, 'done', said);
          assert.equal(Object.keys(files(next.root)).length, 18, said);
          assert.equal(
            next.read((db) => countJobs(db, {})),
            1,
            said,
          );
          await undoDelete(optionsFor(next), left[0].id);
        }
        assert.deepEqual([everything(next), files(next.root)], before, said);
      }
    }
  });

  it('M5: a crash before anything was deleted leaves all in place, and its list is cleared away', async () => {
    const store = await open();
    const { jobs } = fill(store);
    const before = everything(store);
    const abandoned = join(store.folder, 'trash', '00000000-0000-4000-8000-000000000000');
    mkdirSync(abandoned, { recursive: true });
    writeFileSync(join(abandoned, 'rows.jsonl'), '{"table":"jobs","row":{"seq":1');
    const old = new Date(Date.now() - 7_200_000);
    utimesSync(abandoned, old, old);
    await finishTrash(optionsFor(store, Date.now()));
    assert.deepEqual(readdirSync(join(store.folder, 'trash')), []);
    assert.deepEqual(everything(store), before);
    assert.equal(
      store.read((db) => findJob(db, jobs[0])),
      1,
    );
  });

  it('M5: running jobs are refused, and then nothing of the selection is deleted', async () => {
    const store = await open();
    const { jobs } = fill(store);
    store.edit((db) => startJob(db, jobs[1], 1));
    await assert.rejects(
      deleteJobs(optionsFor(store), jobs),
      (error) => isFactoryError(error, 'conflict') && /Second/.test(error.message),
    );
    assert.equal(
      store.read((db) => countJobs(db, {})),
      2,
    );
    store.edit((db) => endJob(db, jobs[1], 'stopped', 2, null));
    assert.equal((await deleteJobs(optionsFor(store), jobs)).jobs, 2);
  });

  it('M5: an image in work is refused; a job that waits in the queue leaves it', async () => {
    const store = await open();
    const { jobs, images } = fill(store);
    store.edit((db) => {
      db.sql(`UPDATE images SET status = 'processing' WHERE id = ?`).run(images[0]);
      insertRun(db, {
        id: 'run',
        kind: 'resume',
        status: 'waiting',
        jobId: jobs[1],
        title: 'Second',
        request: {},
        createdAt: 1,
      });
    });
    await assert.rejects(deleteImages(optionsFor(store), images), (error) =>
      isFactoryError(error, 'conflict'),
    );
    await deleteJobs(optionsFor(store), [jobs[1]]);
    assert.deepEqual(
      store.read((db) => waitingRuns(db)),
      [],
    );
  });

  it('F3, M5: an image that waited for a retry comes back as it was before, when that retry is over', async () => {
    const store = await open();
    const { images } = fill(store);
    const id = images[0] ?? '';
    store.edit((db) => {
      insertRun(db, {
        id: 'run',
        kind: 'retry',
        status: 'waiting',
        jobId: null,
        title: 'Retry',
        request: {},
        imageIds: [id],
        createdAt: 1,
      });
      markRetryPending(db, [id], 2);
    });
    const status = (): string | undefined =>
      store.read((db) => listImages(db, { search: 'title 0-0' }, 'newest', { limit: 1 })).items[0]?.status;
    let { trashId } = await deleteImages(optionsFor(store), [id]);
    await undoDelete(optionsFor(store), trashId);
    assert.equal(status(), 'retryPending');
    ({ trashId } = await deleteImages(optionsFor(store), [id]));
    store.edit((db) => endRun(db, 'run', 'done', 3, null));
    await undoDelete(optionsFor(store), trashId);
    assert.equal(status(), 'approved');
  });

  it('M5: images cannot come back before their job does', async () => {
    const store = await open();
    const { jobs, images } = fill(store);
    const before = [everything(store), files(store.root)];
    const single = await deleteImages(optionsFor(store), [images[0] ?? '']);
    const whole = await deleteJobs(optionsFor(store), [jobs[0]]);
    await assert.rejects(undoDelete(optionsFor(store), single.trashId), (error) =>
      isFactoryError(error, 'conflict'),
    );
    await undoDelete(optionsFor(store), whole.trashId);
    await undoDelete(optionsFor(store), single.trashId);
    assert.deepEqual([everything(store), files(store.root)], before);
  });

  it('M5: a file whose name was taken meanwhile comes back under another, and its row says so', async () => {
    const store = await open();
    const { images } = fill(store);
    const { trashId } = await deleteImages(optionsFor(store), [images[0] ?? '']);
    writeFileSync(join(store.root, 'pictures/toupload/0-0.webp'), 'somebody else');
    await undoDelete(optionsFor(store), trashId);
    assert.equal(readFileSync(join(store.root, 'pictures/toupload/0-0.webp'), 'utf8'), 'somebody else');
    const image = store.read((db) => listImages(db, { search: 'title 0-0' }, 'newest', { limit: 1 }))
      .items[0];
    assert.equal(image?.path, 'pictures/toupload/0-0-2.webp');
    assert.equal(
      readFileSync(join(store.root, 'pictures/toupload/0-0-2.webp'), 'utf8'),
      'content of pictures/toupload/0-0.webp',
    );
  });

  it('W2: a path that leaves the folders of the workspace is not touched', async () => {
    const store = await open();
    const outside = join(store.root, '..', `outside-${Date.now()}.txt`);
    writeFileSync(outside, 'precious');
    try {
      const id = store.edit((db) => addImage(db, addJob(db), {}, { path: outside }));
      const { trashId } = await deleteImages(optionsFor(store), [id]);
      assert.equal(readFileSync(outside, 'utf8'), 'precious');
      await undoDelete(optionsFor(store), trashId);
      assert.equal(store.read((db) => listImages(db, {}, 'newest', { limit: 1 })).items[0]?.path, outside);
    } finally {
      rmSync(outside);
    }
  });

  it('M5: after thirty days what was deleted is gone for good, and Undo says so', async () => {
    const store = await open();
    const { images } = fill(store);
    const old = await deleteImages(optionsFor(store, 1000), [images[0] ?? '']);
    const young = await deleteImages(optionsFor(store, 9000), [images[1] ?? '']);
    await purgeTrash(optionsFor(store), 1000 + trashKept - trashKept + 1);
    assert.deepEqual(readdirSync(join(store.folder, 'trash')), [young.trashId]);
    await assert.rejects(undoDelete(optionsFor(store), old.trashId), (error) =>
      isFactoryError(error, 'notFound'),
    );
    await undoDelete(optionsFor(store), young.trashId);
    assert.equal(existsSync(join(store.root, 'pictures/toupload/0-1.webp')), true);
  });

  it('an id that is no deletion reaches no folder', async () => {
    const store = await open();
    fill(store);
    for (const id of ['..', '../..', 'nothing', '00000000-0000-4000-8000-000000000000']) {
      await assert.rejects(
        undoDelete(optionsFor(store), id),
        (error) => isFactoryError(error, 'notFound'),
        id,
      );
    }
  });
});
