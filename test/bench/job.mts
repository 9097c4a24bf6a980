/**
 * A job of 48 generations against the fake providers, measured against what it cannot beat: the providers'
 * latency, and the bare sharp calls on this machine, both in the same run.
 *
 *   node test/bench/job.mts [finished|plain]…
 */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import { spawnFakeProviders } from '../support/providers/standalone.ts';
import { jobOf, openWorkspace, planJob, testSettings, workOnJob } from '../support/engine/workspace.ts';
import type { Workspace } from '../support/engine/workspace.ts';
import { createFolder, imagesOf, readBytes } from '../support/engine/workspace.ts';
import type { Settings } from '../../src/engine/settings/settings.ts';

const generations = 48;
const parallel = 8;
const latency = { prompt: 300, image: 1500, qualityCheck: 500, metadata: 500, download: 50 };
/** The image calls in rows of eight, and once the steps before and after them. */
const floorMs =
  (generations / parallel) * latency.image +
  latency.prompt +
  latency.qualityCheck +
  latency.metadata +
  latency.download;
const allowed = 1.25;
const allowedCpu = 1.5;

interface Variant {
  name: string;
  settings: Partial<Settings>;
  /** What the images must go through, with nothing of ours around it. */
  bare: (bytes: Buffer) => Promise<void>;
}

const variants: Variant[] = [
  {
    name: 'finished',
    settings: {
      'runware.dimensions': '1024x1024',
      'processing.enhance': true,
      'processing.convert': true,
      'processing.convertFormat': 'webp',
    },
    bare: async (bytes) => {
      await look(bytes);
      await sharp(bytes)
        .sharpen({ sigma: 1 })
        .modulate({ saturation: 1.4 })
        .webp({ quality: 85, effort: 2 })
        .toBuffer();
    },
  },
  { name: 'plain', settings: { 'runware.dimensions': '512x512' }, bare: look },
];

/** Every image is shown small and looked at by the vision model, whatever else happens to it. */
async function look(bytes: Buffer): Promise<void> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
  await sharp(data, raw).jpeg({ quality: 85 }).toBuffer();
  await sharp(data, raw)
    .resize({ width: 256, height: 256, fit: 'inside' })
    .webp({ quality: 72, effort: 2 })
    .toBuffer();
}

interface Measured {
  wallMs: number;
  cpuMs: number;
}

async function measure(work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - started, cpuMs: (user + system) / 1000 };
}

async function runJob(workspace: Workspace, variant: Variant): Promise<Measured & { jobId: string }> {
  const settings = testSettings({
    'generation.count': generations,
    'generation.parallel': parallel,
    'generation.retryBackoffMs': 1000,
    ...variant.settings,
  });
  const jobId = await planJob(workspace, settings);
  const measured = await measure(async () => {
    const outcome = await workOnJob(workspace, jobId);
    if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  });
  const { approved } = jobOf(workspace, jobId);
  if (approved !== generations) throw new Error(`${approved} of ${generations} pictures were approved`);
  return { ...measured, jobId };
}

async function bench(variant: Variant): Promise<boolean> {
  sharp.cache(false);
  sharp.concurrency(1);
  const fake = await spawnFakeProviders({ latency });
  const workspace = await openWorkspace(fake, createFolder(generations));
  try {
    // The libraries are loaded and warm in both measurements.
    const warm = {
      ...variant,
      settings: { ...variant.settings, 'generation.count': 2 } as Partial<Settings>,
    };
    await workOnJob(workspace, await planJob(workspace, testSettings(warm.settings)));
    const job = await runJob(workspace, variant);
    const originals = imagesOf(workspace)
      .filter(({ jobId }) => jobId === job.jobId)
      .map(({ originalPath }) => readBytes(workspace, originalPath ?? ''));
    const bare = await measure(async () => {
      // Two at a time, as the factory works on pixels.
      const queue = [...originals];
      const work = async (): Promise<void> => {
        for (let bytes = queue.pop(); bytes !== undefined; bytes = queue.pop()) await variant.bare(bytes);
      };
      await Promise.all([work(), work()]);
    });
    const cores = Math.min(2, availableParallelism());
    const bound = Math.max(floorMs, bare.cpuMs / cores);
    const time = job.wallMs / bound;
    const cpu = job.cpuMs / bare.cpuMs;
    const perImage = (ms: number): string => (ms / generations).toFixed(0);
    console.log(
      `${variant.name}: ${(job.wallMs / 1000).toFixed(2)} s; latency floor ${(floorMs / 1000).toFixed(2)} s, ` +
        `bare sharp ${(bare.cpuMs / cores / 1000).toFixed(2)} s on ${cores} cores: ${time.toFixed(2)} × (at most ${allowed})`,
    );
    console.log(
      `${variant.name}: CPU ${perImage(job.cpuMs)} ms per picture, bare sharp ${perImage(bare.cpuMs)} ms: ` +
        `${cpu.toFixed(2)} ×${variant.name === 'finished' ? ` (at most ${allowedCpu})` : ''}`,
    );
    return time <= allowed && (variant.name !== 'finished' || cpu <= allowedCpu);
  } finally {
    workspace.close();
    await fake.close();
  }
}

const wanted = process.argv.slice(2);
let good = true;
for (const variant of variants) {
  if (wanted.length === 0 || wanted.includes(variant.name)) good = (await bench(variant)) && good;
}
process.exitCode = good ? 0 : 1;
