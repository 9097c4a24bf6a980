/** A workspace in a temporary folder, and jobs in it that run against the fake providers. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createFiles } from '../../../src/engine/files/files.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { cutGrid } from '../../../src/engine/images/pixels/transform.ts';
import { shrink } from '../../../src/engine/images/pixels/shrink.ts';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import type { JobSummary } from '../../../src/engine/model/job.ts';
import { buildProviders } from '../../../src/engine/providers/build.ts';
import type { Providers } from '../../../src/engine/providers/provider.ts';
import type { Endpoints, KeySource } from '../../../src/engine/providers/registry.ts';
import type { HeldLease } from '../../../src/engine/store/lease.ts';
import { makePlan, planError } from '../../../src/engine/planning/plan.ts';
import { insertJobRun, startPlanned } from '../../../src/engine/queue/queueJobs.ts';
import { runImages, runJob, runSlots } from '../../../src/engine/runner/runner.ts';
import type { ImageRun, RunContext, RunOutcome } from '../../../src/engine/runner/runner.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { openStore } from '../../../src/engine/store/database.ts';
import { imagesBySeq, markRetryPending } from '../../../src/engine/store/images.ts';
import { endJob, getJob, jobContents, startJob } from '../../../src/engine/store/jobs.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import { listLogs } from '../../../src/engine/store/logs.ts';
import { insertRun } from '../../../src/engine/store/runs.ts';
import { listSlots } from '../../../src/engine/store/slots.ts';
import type { Slot } from '../../../src/engine/store/rows/slot.ts';
import { fakeEndpoints } from '../providers/fakes.ts';
import type { Store } from '../../../src/engine/store/store.ts';

/** Who answers: the fake providers' addresses and keys, or only the embedded sample provider. */
export interface Services {
  endpoints: Endpoints;
  keys: Partial<Record<string, string>>;
}

export const noServices: Services = {
  endpoints: fakeEndpoints(),
  keys: {},
};

export interface Workspace {
  root: string;
  store: Store;
  /** Everything that was told since the workspace was opened. */
  events: FactoryEvent[];
  services: Services;
  close(): void;
}

/** A fresh folder with a keyword file of `rows` rows (`Animal`, `Place`). */
export function createFolder(rows = 12): string {
  const root = mkdtempSync(join(tmpdir(), 'factory-engine-'));
  const lines = Array.from({ length: rows }, (_, row) => `animal ${row + 1},place ${row + 1}`);
  writeFileSync(join(root, 'keywords.csv'), ['Animal,Place', ...lines].join('\n'));
  return root;
}

export async function openWorkspace(services: Services, root = createFolder()): Promise<Workspace> {
  const events: FactoryEvent[] = [];
  const store = await openStore({ root, onEvents: (told) => events.push(...told) });
  return {
    root,
    store,
    events,
    services,
    close() {
      store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Settings for a quick job: OpenAI writes, Runware draws small images, retries do not wait. */
export function testSettings(changes: Partial<Settings> = {}): Settings {
  return {
    ...defaultSettings(),
    'job.label': 'Test job',
    'files.keywordsFile': 'keywords.csv',
    'runware.dimensions': '128x128',
    'generation.retryBackoffMs': 5,
    'generation.count': 4,
    ...changes,
  };
}

/** Plans a job and stores it as the queue does; returns its id. */
export async function planJob(workspace: Workspace, settings: Settings): Promise<string> {
  const { plan, job: planned } = await makePlan(
    { settings },
    {
      files: createFiles({ root: workspace.root }),
      endpoints: workspace.services.endpoints,
      keys: keySource(workspace.services),
      doneRows: () => new Set(),
      sourceJob: null,
      now: Date.now,
      randomSeed: () => 7,
    },
  );
  if (planned === null) throw planError(plan.problems);
  const { store } = workspace;
  const now = Date.now();
  const { job } = store.edit((db) =>
    insertJobRun(db, { settings, parent: null, now, status: 'running', rows: null }),
  );
  const lease = takeLease(store);
  await startPlanned(store, lease, job.id, { planned, warnings: plan.warnings, now, beginning: null });
  lease.release();
  return job.id;
}

function keySource({ keys }: Services): KeySource {
  return (provider) => Promise.resolve(keys[provider] ?? null);
}

/** The lease as of now: whoever had it before has lost it. */
export function takeLease(store: Store): HeldLease & { lose(): void } {
  const rows = leaseRows(store);
  const owner = randomUUID();
  const epoch = rows.take(owner, rows.read());
  if (epoch === null) throw new Error('Another process took the lease.');
  const lost = new AbortController();
  return {
    epoch,
    lost: lost.signal,
    release: () => rows.release(owner, epoch),
    lose: () => {
      const thief = rows.read();
      rows.take(randomUUID(), thief);
      lost.abort();
    },
  };
}

export interface Controls {
  stop: AbortController;
  force: AbortController;
  lease: HeldLease & { lose(): void };
}

export function createControls(workspace: Workspace): Controls {
  return { stop: new AbortController(), force: new AbortController(), lease: takeLease(workspace.store) };
}

/** What a run is given; close `providers` after it. */
export async function contextFor(
  workspace: Workspace,
  settings: Settings,
  controls: Controls,
): Promise<RunContext & { providers: Providers }> {
  const folders = {
    output: join(workspace.root, settings['files.outputDirectory']),
    temp: join(workspace.root, settings['files.tempDirectory']),
    thumbnails: join(workspace.root, '.gen-image-factory', 'thumbnails'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  return {
    store: workspace.store,
    lease: controls.lease,
    files: createFiles({ root: workspace.root }),
    settings,
    providers: await buildProviders(settings, {
      endpoints: workspace.services.endpoints,
      keys: keySource(workspace.services),
      images: { sizeOf: (bytes) => acceptImage(bytes), cutGrid, shrink },
    }),
    folders,
    stop: controls.stop.signal,
    force: controls.force.signal,
    now: Date.now,
  };
}

/** Starts or resumes a job and writes its end, as the queue does. */
export async function workOnJob(
  workspace: Workspace,
  jobId: string,
  controls: Controls = createControls(workspace),
  changes: Partial<Settings> = {},
): Promise<RunOutcome> {
  return withContext(workspace, jobId, controls, changes, (context) =>
    runJob(context, { jobId, runId: null }),
  );
}

export async function generateAgain(
  workspace: Workspace,
  jobId: string,
  slots: readonly { generation: number; variation: number }[],
): Promise<RunOutcome> {
  return withContext(workspace, jobId, createControls(workspace), {}, (context) =>
    runSlots(context, { jobId, runId: randomUUID(), slots }),
  );
}

async function withContext(
  workspace: Workspace,
  jobId: string,
  controls: Controls,
  changes: Partial<Settings>,
  run: (context: RunContext) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  const { store } = workspace;
  const { snapshot } = store.read((db) => jobContents(db, jobId));
  const context = await contextFor(workspace, { ...(snapshot as Settings), ...changes }, controls);
  try {
    await store.write(controls.lease, (db) => startJob(db, jobId, Date.now()));
    const outcome = await run(context);
    if (outcome.status !== 'interrupted') {
      await store.write(controls.lease, (db) => endJob(db, jobId, outcome.status, Date.now(), outcome.error));
    }
    return outcome;
  } finally {
    context.providers.close();
  }
}

/** Marks images for a retry or an approval and works on them, as the queue does. */
export async function workOnImages(
  workspace: Workspace,
  settings: Settings,
  run: Pick<ImageRun, 'kind' | 'jobId' | 'imageIds'> & { regenerateMetadata?: boolean; runId?: string },
  controls: Controls = createControls(workspace),
): Promise<RunOutcome> {
  const runId = run.runId ?? randomUUID();
  if (run.runId === undefined) queueImages(workspace, { ...run, runId });
  const context = await contextFor(workspace, settings, controls);
  try {
    return await runImages(context, {
      runId,
      kind: run.kind,
      jobId: run.jobId,
      imageIds: run.imageIds,
      regenerateMetadata: run.regenerateMetadata ?? false,
    });
  } finally {
    context.providers.close();
  }
}

export function queueImages(
  workspace: Workspace,
  run: Pick<ImageRun, 'kind' | 'jobId' | 'imageIds' | 'runId'>,
): void {
  workspace.store.edit((db) => {
    insertRun(db, {
      id: run.runId,
      kind: run.kind,
      status: 'running',
      jobId: run.jobId,
      title: run.kind,
      request: {},
      imageIds: run.imageIds,
      createdAt: Date.now(),
    });
    markRetryPending(db, run.imageIds, Date.now());
  });
}

export function jobOf(workspace: Workspace, jobId: string): JobSummary {
  return workspace.store.read((db) => getJob(db, jobId, Date.now()));
}

export function slotsOf(workspace: Workspace, jobId: string): Slot[] {
  return workspace.store.read((db) => listSlots(db, jobId));
}

export function imagesOf(workspace: Workspace): ImageRecord[] {
  return workspace.store.read((db) => {
    const seqs = db.sql<{ seq: number }>('SELECT seq FROM images ORDER BY seq').all();
    return imagesBySeq(
      db,
      seqs.map(({ seq }) => seq),
    );
  });
}

export function logsOf(workspace: Workspace, jobId: string, debug = false): string[] {
  return workspace.store
    .read((db) => listLogs(db, jobId, { debug, limit: 100_000 }))
    .map(({ message }) => message);
}

export interface LedgerRow {
  stage: string;
  state: string;
  cost: number | null;
  /** UTC ms. */
  sentAt: number;
  settledAt: number | null;
}

export function ledgerOf(workspace: Workspace): LedgerRow[] {
  return workspace.store.read((db) =>
    db
      .sql<LedgerRow>(
        `SELECT stage, state, cost_micro_usd AS cost, sent_at AS sentAt, settled_at AS settledAt
         FROM calls ORDER BY coalesce(settled_at, sent_at)`,
      )
      .all(),
  );
}

/** Names of all files below a folder of the workspace, with forward slashes; hidden ones too. */
export function filesIn(workspace: Workspace, folder: string): string[] {
  const top = join(workspace.root, folder);
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

export function readBytes(workspace: Workspace, path: string): Buffer {
  return readFileSync(join(workspace.root, path));
}
