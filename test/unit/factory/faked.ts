/** A workspace whose jobs call the fake providers, and what tests of failed images ask of it again and again. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FactoryOptions } from '../../../src/engine/factory.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import type { RunSummary } from '../../../src/engine/model/events.ts';
import type { FailedSlot, ImageRecord } from '../../../src/engine/model/image.ts';
import type { JobSummary } from '../../../src/engine/model/job.ts';
import { imageStatusLabel } from '../../../src/engine/model/status.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { CallKind, FakeOptions, FakeProviders, Fault } from '../../support/providers/fakeProviders.ts';
import { first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export interface Faked {
  workspace: Workspace;
  fake: FakeProviders;
  /** The open factory; a new one after `reopen`. */
  factory: Agreeing;
  /** OpenAI writes and checks, Runware draws small images, nothing is described. */
  settings(changes?: Partial<Settings>): Settings;
  /** Runs a job that meets these faults; afterwards all is well again. */
  job(faults: readonly Fault[], changes?: Partial<Settings>): Promise<JobSummary>;
  /** A job whose image never comes, so that what is asked for now waits. Ends with `forceStop`. */
  busy(): Promise<RunSummary>;
  images(): Promise<ImageRecord[]>;
  /** The one image. */
  image(): Promise<ImageRecord>;
  /** The one slot that failed. */
  slot(): Promise<FailedSlot>;
  /** How often a kind of call has arrived. */
  calls(kind: CallKind): Promise<number>;
  /** Asks for a retry of the image and waits for its end; the image after it. */
  retry(changes?: 'original' | Partial<Settings>, regenerateMetadata?: boolean): Promise<ImageRecord>;
  approve(): Promise<ImageRecord>;
  /** Absolute path of a stored one. */
  at(path: string | null): string;
  bytes(path: string | null): Buffer;
  /** As a window that closes and opens again. */
  reopen(): Promise<void>;
  dispose(): Promise<void>;
}

/** `open` opens the factory in another way than by default. */
export async function makeFaked(
  options: FakeOptions = {},
  open: Partial<FactoryOptions> = {},
): Promise<Faked> {
  const workspace = makeWorkspace();
  const fake = await startFakeProviders(options);
  const openFactory = (): Promise<Agreeing> =>
    workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
      ...open,
    });
  const ended = async (run: RunSummary): Promise<ImageRecord> => {
    await faked.factory.runEnded(run.id);
    return faked.image();
  };
  const faked: Faked = {
    workspace,
    fake,
    factory: await openFactory(),
    settings: (changes = {}) =>
      sampleSettings({
        'job.label': 'Foxes',
        'provider.image': 'runware',
        'provider.text': 'openai',
        'runware.dimensions': '128x128',
        'generation.count': 1,
        'generation.retryAttempts': 0,
        'ai.qualityCheck': true,
        ...changes,
      }),
    async job(faults, changes) {
      await fake.script(...faults);
      const { id } = await faked.factory.start({ settings: faked.settings(changes) });
      await faked.factory.runEnded(faked.factory.activeRun()?.id ?? '');
      await fake.clearFaults();
      return faked.factory.job(id);
    },
    async busy() {
      const before = await faked.calls('image');
      await fake.script({ kind: 'image', do: 'hang' });
      await faked.factory.start({ settings: faked.settings({ 'job.label': 'Busy' }) });
      await fake.waitForCalls('image', before + 1);
      await fake.clearFaults();
      const run = faked.factory.activeRun();
      assert.ok(run !== null);
      return run;
    },
    images: async () => (await faked.factory.images({}, 'oldest', { limit: 200 })).items,
    image: async () => first(await faked.images()),
    slot: async () => first((await faked.factory.failedSlots({}, { limit: 1 })).items),
    calls: async (kind) => (await fake.calls({ kind })).length,
    async retry(settings = 'original', regenerateMetadata = false) {
      const imageIds = (await faked.images()).map(({ id }) => id);
      return ended(await faked.factory.retry({ imageIds, settings, regenerateMetadata }));
    },
    approve: async () => ended(await faked.factory.approve((await faked.images()).map(({ id }) => id))),
    at: (path) => join(workspace.root, path ?? '(none)'),
    bytes: (path) => readFileSync(faked.at(path)),
    async reopen() {
      await faked.factory.close();
      faked.factory = await openFactory();
    },
    async dispose() {
      await workspace.dispose();
      await fake.close();
    },
  };
  return faked;
}

/** What people read as the image's status. */
export function labelOf(image: ImageRecord): string {
  return imageStatusLabel(image.status, image.failure);
}

/** The image is approved, its file is whole and the one that its row describes. */
export function assertDelivered(faked: Faked, image: ImageRecord): void {
  assert.equal(labelOf(image), 'Approved');
  assert.equal(image.failure, null);
  assert.match(image.path ?? '', /^pictures\/toupload\//);
  const header = acceptImage(faked.bytes(image.path));
  assert.deepEqual([header.width, header.height], [image.width, image.height]);
  assert.ok(existsSync(faked.at(image.originalPath)), 'the original is kept for a later retry');
}
