/**
 * Histories that somebody has spoilt, through everything that people do with one: nothing outside of the factory's
 * folders changes, nothing hangs, nothing is paid, and what fails says why.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openFactory } from '../../src/engine/factory.ts';
import type { Factory } from '../../src/engine/factory.ts';
import { isFactoryError } from '../../src/engine/model/errors.ts';
import { silentLogger } from '../../src/engine/model/logger.ts';
import { offered } from '../../src/engine/planning/consent.ts';
import { identity } from '../../src/engine/store/identity.ts';
import { claim } from '../../src/engine/store/ownership.ts';
import { yesTo } from '../support/engine/agreeing.ts';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/fakeProviders.ts';
import { spoilFolder } from './oddFolders.ts';
import { spoilRows } from './oddRows.ts';
import { listingOf, plantOutside } from './outside.ts';
import { chance } from './random.ts';
import type { Chance } from './random.ts';
import { makeTemplate } from './template.ts';

export interface FuzzOptions {
  seed: number;
  /** Rows to spoil, some hundred in one history. */
  rows: number;
  /** Folders to spoil. */
  folders: number;
  log: (line: string) => void;
  /** Ends the run early; what was done counts. */
  until?: number;
}

export interface FuzzResult {
  rows: number;
  folders: number;
  /** Calls that a service got. */
  paid: number;
  /** Milliseconds of the longest single thing that was done. */
  longest: { ms: number; what: string };
  findings: string[];
}

/** Nothing takes longer. Of the processor's time: on a busy machine the clock tells nothing. */
const mostMs = 2000;
const waitsMs = 30_000;
const rowsAtOnce = 250;

export async function fuzzStores(options: FuzzOptions): Promise<FuzzResult> {
  const fake = await startFakeProviders({});
  const home = mkdtempSync(join(tmpdir(), 'factory-fuzz-'));
  const template = join(home, 'template');
  const result: FuzzResult = { rows: 0, folders: 0, paid: 0, longest: { ms: 0, what: '' }, findings: [] };
  const goesOn = (): boolean => options.until === undefined || Date.now() < options.until;
  try {
    plantOutside(template);
    await makeTemplate(join(template, 'workspace'));
    for (let seed = options.seed; result.rows < options.rows && goesOn(); seed += 1) {
      const rows = Math.min(options.rows - result.rows, 5 + chance(seed).below(rowsAtOnce));
      await fuzzOne({ home, template, fake, result, seed, log: options.log }, (root, by) => {
        const database = new Database(join(root, '.gen-image-factory', 'factory.db'));
        spoilRows(database, rows, by);
        database.close();
        return 'ours';
      });
      result.rows += rows;
    }
    for (let seed = options.seed + 1_000_000; result.folders < options.folders && goesOn(); seed += 1) {
      await fuzzOne({ home, template, fake, result, seed, log: options.log }, (root, by) => {
        spoilFolder(root, by);
        return by.pick(['ours', 'elsewhere', 'elsewhere']);
      });
      result.folders += 1;
    }
  } finally {
    await fake.close();
    rmSync(home, { recursive: true, force: true });
  }
  return result;
}

interface Place {
  home: string;
  template: string;
  fake: FakeProviders;
  result: FuzzResult;
  seed: number;
  log: (line: string) => void;
}

async function fuzzOne(
  place: Place,
  spoil: (root: string, by: Chance) => 'ours' | 'elsewhere',
): Promise<void> {
  const { home, template, fake, result, seed } = place;
  const by = chance(seed);
  const base = join(home, String(seed));
  const root = join(base, 'workspace');
  cpSync(template, base, { recursive: true });
  const find = (what: string): void => {
    result.findings.push(`seed ${seed}: ${what}`);
    place.log(`seed ${seed}: ${what}`);
  };
  try {
    const file = join(root, '.gen-image-factory', 'factory.db');
    if (spoil(root, by) === 'ours') claim(file, identity());
    const before = listingOf(base);
    const how = by.pick([{}, {}, { readOnly: true }, { adopt: true }]);
    const session = { find, result, root };
    const factory = await timed(session, 'open', () =>
      openFactory({
        root,
        endpoints: fake.endpoints,
        keys: (provider) => Promise.resolve(fake.keys[provider]),
        logger: silentLogger,
        ...how,
      }),
    );
    if (factory !== undefined) {
      try {
        await useAll(session, factory, by);
      } finally {
        await timed(session, 'close', () => factory.close());
      }
    }
    const after = listingOf(base);
    if (after !== before) find(`something outside changed:\n${differences(before, after)}`);
    const paid = (await fake.calls({})).length - result.paid;
    if (paid > 0) find(`${paid} calls were sent`);
    result.paid += paid;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

interface Session {
  find: (what: string) => void;
  result: FuzzResult;
  root: string;
}

/** What people do with a history, in the order in which they might. */
/** Whatever it costs. */
const everything = offered({ images: 1_000_000, estimate: { microUsd: 1e12, unknown: true } });

async function useAll(session: Session, factory: Factory, by: Chance): Promise<void> {
  const doing = <T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> =>
    timed(session, what, work);
  const jobs = await doing('jobs', () =>
    factory.jobs({}, by.pick(['newest', 'oldest', 'name']), { limit: 50 }),
  );
  const images = await doing('images', () =>
    factory.images({}, by.pick(['newest', 'oldest', 'name']), { limit: 100 }),
  );
  await doing('search', () =>
    factory.images({ search: by.pick(['fox', 'o', '..', 'a"b']) }, 'newest', { limit: 100 }),
  );
  await doing('failed', () => factory.images({ statuses: ['failed', 'qcFailed'] }, 'newest', { limit: 100 }));
  await doing('job ids', () => factory.jobIds({}));
  const ids = await doing('image ids', () => factory.imageIds({}));
  await doing('counts', () => factory.imageCounts({}));
  await doing('groups', () => factory.failureGroups({}));
  await doing('failed slots', () => factory.failedSlots({}, { limit: 50 }));
  await doing('failed slot count', () => factory.failedSlotCount());
  await doing('statistics', () => factory.statistics());
  await doing('queue', () => factory.queue());
  await doing('active run', () => factory.activeRun());
  await doing('progress', () => factory.progress());
  await doing('interrupted', () => factory.findInterrupted());
  await doing('image at', () => factory.imageAt(join(session.root, 'pictures/toupload/0-2.png')));
  for (const { id, status } of jobs?.items ?? []) {
    await doing('job', () => factory.job(id));
    await doing('logs', () => factory.logs(id, { debug: true, limit: 50 }));
    await doing('plan of a resume', () => factory.planResume(id));
    // Of what is not ours, or has nothing that could go on, nothing may begin.
    if (factory.foreign !== null || status === 'completed')
      await doing('resume', () => factory.resume(id, yesTo(everything)));
  }
  for (const { id } of images?.items.slice(0, 10) ?? []) {
    await doing('image', () => factory.image(id));
    await doing('plan of a retry', () =>
      factory.planRetry({ imageIds: [id], settings: 'original', regenerateMetadata: true }),
    );
  }
  await doing('sizes', () => factory.cleanUpSizes());
  await doing('export of images', () => factory.exportImages({ filter: {} }, { metadata: true }));
  await doing('export of jobs', () =>
    factory.exportJobs(
      (jobs?.items ?? []).map(({ id }) => id),
      {},
    ),
  );
  await doing('rename', () => factory.rename(jobs?.items[0]?.id ?? '', 'New name'));
  const gone = await doing('delete images', () => factory.deleteImages((ids ?? []).slice(0, 3)));
  if (gone !== undefined && by.percent(50)) await doing('undo', () => factory.undoDelete(gone.trashId));
  await doing('delete a job', () => factory.deleteJobs((jobs?.items ?? []).slice(0, 2).map(({ id }) => id)));
  await doing('clean up', () => factory.cleanUp(['originals', 'thumbnails', 'logs', 'trash']));
  const rest = (await doing('job ids', () => factory.jobIds({}))) ?? [];
  const deleted = await doing('delete all', () => factory.deleteJobs(rest));
  if (deleted !== undefined && (await factory.jobCount({})) > 0)
    session.find('jobs are left that were deleted');
}

/** The answer, or undefined where it was refused with a reason. */
async function timed<T>(session: Session, what: string, work: () => T | Promise<T>): Promise<T | undefined> {
  const { find, result } = session;
  const clock = performance.now();
  const cpu = process.cpuUsage();
  let over: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<'late'>((resolve) => (over = setTimeout(resolve, waitsMs, 'late')));
    const answer = await Promise.race([Promise.resolve().then(work), late]);
    if (answer === 'late') {
      find(`${what} did not come to an end`);
      return undefined;
    }
    const odd = oddIn(answer);
    if (odd !== null) find(`${what} answered ${odd}`);
    return answer;
  } catch (error) {
    if (!isFactoryError(error) || error.code === 'unexpected') {
      find(`${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    return undefined;
  } finally {
    clearTimeout(over);
    const { user, system } = process.cpuUsage(cpu);
    const ms = Math.min((user + system) / 1000, performance.now() - clock);
    if (ms > mostMs) find(`${what} took ${Math.round(ms)} ms`);
    if (ms > result.longest.ms) result.longest = { ms: Math.round(ms), what };
  }
}

/** What no face could show: numbers without end, texts with zeros, ids that are none. */
function oddIn(value: unknown, key = ''): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${key} ${value}`;
  if (typeof value === 'string') {
    if (value.includes('\0')) return `${key} with a zero`;
    const isId = key === 'id' || key === 'jobId';
    return isId && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
      ? `${key} ${JSON.stringify(value)}`
      : null;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    // Messages have ids of their own.
    if (name === 'id' && 'text' in value && 'values' in value) continue;
    const odd = oddIn(part, Array.isArray(value) ? key : name);
    if (odd !== null) return odd;
  }
  return null;
}

function differences(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => new Set(text.split('\n'))) as [Set<string>, Set<string>];
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ].join('\n');
}
