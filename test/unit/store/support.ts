/** A store in a folder of its own, and rows to put into it. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'mocha';
import { openStore } from '../../../src/engine/store/database.ts';
import type { StoreOptions } from '../../../src/engine/store/database.ts';
import { insertGenerations } from '../../../src/engine/store/generations.ts';
import { insertImage, updateImage } from '../../../src/engine/store/images.ts';
import type { ImageChange, NewImage } from '../../../src/engine/store/images.ts';
import { insertJob } from '../../../src/engine/store/jobs.ts';
import type { NewJob } from '../../../src/engine/store/jobs.ts';
import type { Store, Writer } from '../../../src/engine/store/store.ts';
import { noInputs } from '../../../src/engine/model/job.ts';

export interface Workspace {
  /** A new empty folder; removed after the test. */
  root: () => string;
  /** An open store, in a new folder unless one is named; closed after the test. */
  open: (options?: Partial<StoreOptions>) => Promise<Store>;
}

/** Call in a `describe`: what is made is gone after each test. */
export function workspaces(): Workspace {
  const roots: string[] = [];
  const stores: Store[] = [];
  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
    for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
  });
  const root = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'factory-store-'));
    roots.push(made);
    return made;
  };
  return {
    root,
    async open(options = {}) {
      const store = await openStore({ root: options.root ?? root(), ...options });
      stores.push(store);
      return store;
    },
  };
}

export function addJob(
  db: Writer,
  job: Partial<NewJob> & { variations?: number; generations?: number } = {},
): string {
  const id = job.id ?? randomUUID();
  const { variations = 2, generations = 3 } = job;
  insertJob(db, {
    id,
    label: 'Job',
    rerun: false,
    parentId: null,
    status: 'completed',
    createdAt: 1000,
    planned: generations * variations,
    imageProvider: 'sample',
    settings: { 'job.label': 'Job' },
    inputs: noInputs,
    plan: {},
    ...job,
  });
  insertGenerations(
    db,
    id,
    Array.from({ length: generations }, (_, generation) => ({
      generation,
      keywordRow: generation,
      keyword: { keyword: `row ${generation}` },
      rowKey: `${id} ${generation}`,
      prompt: null,
    })),
    variations,
  );
  return id;
}

/** An image of the job, changed as a step would. */
export function addImage(
  db: Writer,
  jobId: string,
  image: Partial<NewImage> = {},
  change: ImageChange = {},
): string {
  const id = image.id ?? randomUUID();
  insertImage(db, {
    id,
    jobId,
    generation: 0,
    variation: 0,
    status: 'approved',
    nextStage: null,
    keywordRow: 0,
    keyword: { keyword: 'row 0' },
    prompt: 'a picture',
    provider: 'sample',
    model: 'sample',
    providerImageId: null,
    sourceUrl: null,
    seed: null,
    generationCostMicroUsd: 0,
    createdAt: 1000,
    ...image,
  });
  updateImage(db, id, change, image.createdAt ?? 1000);
  return id;
}
