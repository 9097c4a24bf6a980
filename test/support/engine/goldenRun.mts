/**
 * The same jobs, every time: what they ask for, and what they leave in rows, logs and files, as JSON without what
 * differs from run to run. Two versions of the code that behave alike write the same file:
 * `node test/support/engine/goldenRun.mts before.json`, the same in the other version, `diff before.json after.json`.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { startFakeProviders } from '../providers/fakeProviders.ts';
import type { FakeProviders, Fault } from '../providers/fakeProviders.ts';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import {
  createControls,
  filesIn,
  imagesOf,
  jobOf,
  noServices,
  openWorkspace,
  planJob,
  testSettings,
  workOnImages,
  workOnJob,
} from './workspace.ts';
import type { Workspace } from './workspace.ts';

type Changes = Partial<Settings>;
type Row = Record<string, unknown>;

interface Scenario {
  faults?: Fault[];
  /** The fake services answer everything without these. */
  sample?: boolean;
  changes?: Changes;
  oversharpened?: boolean;
  /** What a person does afterwards with everything that is not approved, while all is well. */
  then?: 'retry' | 'approve' | 'resume' | 'describe';
  thenChanges?: Changes;
}

const everything: Changes = {
  'runware.advancedEnabled': true,
  'runware.checkNsfw': true,
  'ai.qualityCheck': true,
  'ai.metadata': true,
  'processing.removeBackground': true,
  'provider.backgroundRemoval': 'runware',
  'processing.trimTransparent': true,
  'processing.enhance': true,
  'processing.sharpening': 4,
  'processing.saturation': 1.3,
  'processing.convert': true,
  'processing.convertFormat': 'webp',
};
const strict: Changes = {
  'processing.failOnSteps': ['removeBackground', 'trim', 'enhance', 'metadata'],
  'processing.removeBgFailureMode': 'markFailed',
};
const sampled: Changes = {
  'provider.image': 'sample',
  'provider.text': 'sample',
  'provider.backgroundRemoval': 'sample',
};

/** One failure of each step. */
const failures: Record<string, Pick<Scenario, 'then' | 'oversharpened'> & { faults: Fault[] }> = {
  prompt: { faults: [{ kind: 'prompt', do: 'refuse', times: 1 }] },
  generate: {
    faults: [{ kind: 'image', do: 'status', status: 400, code: 'contentPolicyViolation', at: [0] }],
  },
  missing: { faults: [{ kind: 'image', do: 'partial', missing: 1, at: [0] }] },
  flagged: { faults: [{ kind: 'image', do: 'flag', at: [0] }], then: 'approve' },
  download: { faults: [{ kind: 'download', do: 'status', status: 403, times: 1 }] },
  'download of no picture': { faults: [{ kind: 'download', do: 'body', body: 'no picture', times: 1 }] },
  rejected: {
    faults: [{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Blurred.', times: 1 }],
    then: 'approve',
  },
  qualityCheck: { faults: [{ kind: 'qualityCheck', do: 'refuse', times: 1 }] },
  removeBackground: {
    faults: [
      { kind: 'removeBackground', do: 'status', status: 400, code: 'contentPolicyViolation', times: 1 },
    ],
  },
  trim: { faults: [{ kind: 'removeBackground', do: 'cutout', as: 'empty', times: 1 }] },
  enhance: { faults: [], oversharpened: true },
  'trim and enhance': {
    faults: [{ kind: 'removeBackground', do: 'cutout', as: 'empty', times: 1 }],
    oversharpened: true,
  },
  convert: { faults: [{ kind: 'removeBackground', do: 'cutout', as: 'damaged', times: 1 }] },
  metadata: { faults: [{ kind: 'metadata', do: 'refuse', times: 1 }] },
  'no credit': {
    faults: [{ kind: 'removeBackground', do: 'status', status: 402, code: 'insufficientCredits', at: [0] }],
    then: 'resume',
  },
};

const scenarios: Record<string, Scenario> = {
  'sample, nothing on': { sample: true, changes: sampled },
  'sample, everything': { sample: true, changes: { ...everything, ...sampled } },
  'sample, JPG': {
    sample: true,
    changes: { ...everything, ...sampled, 'processing.convertFormat': 'jpg', 'processing.saturation': 0 },
  },
  'nothing on': { changes: { 'ai.qualityCheck': false, 'ai.metadata': false } },
  everything: { changes: everything },
  'cutouts without conversion': {
    changes: { ...everything, 'processing.convert': false, 'provider.backgroundRemoval': 'removebg' },
  },
  'images of OpenAI': {
    changes: { ...everything, 'provider.image': 'openai', 'runware.dimensions': '1024x1024' },
  },
  'a grid of PiAPI': { changes: { ...everything, 'provider.image': 'piapi', 'generation.variations': 4 } },
  drawings: {
    changes: { ...everything, 'runware.model': 'recraft:v4@vector', 'runware.dimensions': '1024x1024' },
  },
  'delivered, then processed anew': {
    then: 'retry',
    thenChanges: { 'processing.convert': true, 'processing.convertFormat': 'jpg' },
  },
  'delivered, then described anew': { changes: everything, then: 'describe' },
  'delivered, then retried as it is': { changes: everything, then: 'retry' },
};
for (const [name, { then, ...failure }] of Object.entries(failures)) {
  for (const mode of ['soft', 'hard'] as const) {
    scenarios[`${name} fails, ${mode}`] = {
      ...failure,
      changes: { ...everything, ...(mode === 'hard' ? strict : {}), 'generation.count': 1 },
      then: then ?? 'retry',
      thenChanges: { ...everything },
    };
  }
}

async function play(scenario: Scenario): Promise<Row> {
  const fake = await startFakeProviders({ grid: true });
  const workspace = await openWorkspace(scenario.sample === true ? noServices : fake);
  try {
    await fake.script(...(scenario.faults ?? []));
    // More than sharp can sharpen with, and more than a plan lets through.
    const unplanned = scenario.oversharpened === true ? { 'processing.sharpening': 1_000_000 } : {};
    const settings = testSettings({
      'generation.count': 2,
      // One after the other: what happens does so in one order.
      'generation.parallel': 1,
      'generation.retryAttempts': 0,
      ...scenario.changes,
    });
    const jobId = await planJob(workspace, settings);
    const outcome = await workOnJob(workspace, jobId, createControls(workspace), unplanned);
    const first = await stateOf(workspace, fake, jobId);
    await fake.clearFaults();
    const second = await afterwards(workspace, jobId, settings, scenario);
    return {
      outcome,
      ...first,
      ...(second === null ? {} : { then: { outcome: second, ...(await stateOf(workspace, fake, jobId)) } }),
    };
  } finally {
    workspace.close();
    await fake.close();
  }
}

async function afterwards(
  workspace: Workspace,
  jobId: string,
  before: Settings,
  { then, thenChanges }: Scenario,
): Promise<unknown> {
  if (then === undefined) return null;
  if (then === 'resume') return workOnJob(workspace, jobId);
  const all = imagesOf(workspace);
  const failed = all.filter(({ status }) => status !== 'approved');
  const imageIds = (failed.length > 0 ? failed : all).map(({ id }) => id);
  if (imageIds.length === 0) return 'no images';
  return workOnImages(
    workspace,
    { ...before, ...thenChanges },
    {
      kind: then === 'approve' ? 'approve' : 'retry',
      jobId,
      imageIds,
      regenerateMetadata: then === 'describe',
    },
  );
}

async function stateOf(workspace: Workspace, fake: FakeProviders, jobId: string): Promise<Row> {
  const rows = (table: string): Row[] =>
    workspace.store.read((db) => db.sql<Row>(`SELECT * FROM ${table}`).all());
  const known = namesOf(workspace, jobId);
  const plain = (value: unknown): unknown => JSON.parse(known(JSON.stringify(value))) as unknown;
  const { counters, status, error, cost } = jobOf(workspace, jobId) as unknown as Row;
  const calls = await fake.calls();
  return {
    job: plain({ counters, status, error, cost }),
    slots: plain(rows('slots').map(withoutTimes)),
    generations: plain(rows('generations').map(withoutTimes)),
    images: plain(rows('images').map(withoutTimes)),
    ledger: sorted(plain(rows('calls').map(withoutTimes))),
    runs: plain(rows('run_images').map(withoutTimes)),
    logs: sorted(
      plain(rows('logs').map(({ image_id, level, debug, message }) => [image_id, level, debug, message])),
    ),
    asked: sorted(
      plain(calls.map(({ service, kind, status, text, body }) => [service, kind, status, text, body])),
    ),
    events: [...new Set(workspace.events.map(({ kind }) => kind))].sort(),
    files: await filesOf(workspace, plain),
  };
}

async function filesOf(workspace: Workspace, plain: (value: unknown) => unknown): Promise<unknown> {
  const found: Record<string, string> = {};
  const sharp = await loadSharp();
  for (const folder of ['pictures/toupload', 'pictures/generated', '.gen-image-factory/thumbnails']) {
    for (const name of filesIn(workspace, folder)) {
      const bytes = readFileSync(`${workspace.root}/${folder}/${name}`);
      const pixels = await sharp(bytes)
        .ensureAlpha()
        .raw()
        .toBuffer()
        .catch(() => bytes);
      found[`${folder}/${name}`] = createHash('sha256').update(pixels).digest('hex').slice(0, 16);
    }
  }
  return Object.fromEntries(sorted(plain(Object.entries(found))) as [string, string][]);
}

/** Ids become names that two runs share: an image is its place in the job. */
function namesOf(workspace: Workspace, jobId: string): (text: string) => string {
  const names: [string, string][] = [
    [jobId, 'JOB'],
    [jobId.slice(-6), 'JOB'],
    [JSON.stringify(workspace.root).slice(1, -1), 'ROOT'],
  ];
  for (const { id, generation, variation } of imagesOf(workspace)) {
    const name = `IMAGE-${generation + 1}-${variation + 1}`;
    names.push([id, name], [id.slice(-6), name]);
  }
  return (text) =>
    names
      .reduce((all, [id, name]) => all.replaceAll(id, name), text)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
      .replaceAll(/signature=[0-9a-f]{8}/g, 'signature=ID')
      .replaceAll(/\b(task|chatcmpl|req|resp|boundary)[-_][\w-]+/g, '$1-ID')
      .replaceAll(/\b\d{8}_\d{6}\b/g, 'DATE')
      .replaceAll(/,? [\d.]+ ?(ms|s)\b/g, ' TIME')
      .replaceAll(/\b\d+ bytes\b/g, 'BYTES');
}

/** Of timings only the steps that were timed; of moments only whether there is one. */
function withoutTimes(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => {
      // How a file's name is sorted, with the digits of its ids.
      if (key === 'name') return [key, value !== null];
      if (key === 'timings') return [key, Object.keys(JSON.parse(String(value)) as Row).sort()];
      if (/_at$|^epoch$|duration/.test(key)) return [key, value !== null];
      return [key, value];
    }),
  );
}

function sorted(rows: unknown): unknown {
  return (rows as unknown[])
    .map((row) => JSON.stringify(row))
    .sort()
    .map((row) => JSON.parse(row) as unknown);
}

const [out = ''] = process.argv.slice(2);
const result: Record<string, Row> = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  result[name] = await play(scenario);
  const { outcome, then } = result[name] as { outcome: Row; then?: { outcome: Row } };
  process.stdout.write(
    `${name}: ${String(outcome.status)}${then === undefined ? '' : `, then ${String(then.outcome.status)}`}\n`,
  );
}
writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
