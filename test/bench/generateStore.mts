/**
 * Makes a workspace with many images, for benchmarks and UI tests: rows as a long history has them, some with
 * hostile texts, and real images. Run: node test/bench/generateStore.mts FOLDER [IMAGES] [JOBS]
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { openStore } from '../../src/engine/store/database.ts';
import type { Writer } from '../../src/engine/store/store.ts';
import { foldText, imageText, nameKey } from '../../src/engine/store/words.ts';

export interface GenerateOptions {
  /** Absolute path of the workspace folder. */
  root: string;
  images: number;
  /** Default: one per 1,000 images. */
  jobs?: number;
  /** Real images that the rows share. */
  imageFiles?: number;
  /** So many of the newest images have files of their own, which may be deleted. */
  ownFiles?: number;
  /** UTC ms of the newest image. */
  now?: number;
}

const subjects = [
  'cat',
  'lighthouse',
  'teapot',
  'mountain lake',
  'astronaut',
  'fox',
  'bicycle',
  'market stall',
];
const styles = [
  'watercolour',
  'oil painting',
  'flat vector',
  'studio photograph',
  'pencil sketch',
  'isometric render',
];
const moods = ['at dawn', 'in heavy rain', 'under neon light', 'in autumn', 'in deep snow', 'at golden hour'];
const details =
  'highly detailed, balanced composition, clean background, soft shadows, natural colours, sharp focus on the main subject';

/** Texts that a careless view would run, break or turn around. */
export const hostileTexts: readonly string[] = [
  '<img src=x onerror="document.title=1">',
  'javascript:alert(1)',
  '"; DROP TABLE images; --',
  '100% _wild_ *card* "quoted" \\back\\slash',
  'مرحبا بالعالم \u202Etxet desrever\u202C',
  '👩‍👩‍👧‍👦 family 🏳️‍🌈 flag 猫と夕焼け',
  'line one\nline two\ttab',
  `${'very long '.repeat(1000)}end`,
];

/** Fast repeatable numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function uuid(next: () => number): string {
  let hex = '';
  while (hex.length < 32)
    hex += Math.floor(next() * 65536)
      .toString(16)
      .padStart(4, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function drawImages(root: string, count: number): Promise<void> {
  const folders = ['pictures/toupload', 'pictures/generated', '.gen-image-factory/thumbnails'].map((f) =>
    join(root, f),
  );
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const hue = Math.round((360 * index) / count);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">
      <rect width="512" height="512" fill="hsl(${hue} 60% 80%)"/>
      <circle cx="${80 + ((index * 67) % 350)}" cy="${90 + ((index * 41) % 330)}" r="${60 + ((index * 13) % 90)}"
        fill="hsl(${(hue + 140) % 360} 70% 45%)"/>
      <rect x="${(index * 53) % 300}" y="330" width="200" height="120" fill="hsl(${(hue + 220) % 360} 50% 35%)"/></svg>`;
    const image = sharp(Buffer.from(svg));
    const bytes = await image.webp({ quality: 80 }).toBuffer();
    writeFileSync(join(root, imageAt(index)), bytes);
    writeFileSync(join(root, originalAt(index)), bytes);
    writeFileSync(
      join(root, thumbnailAt(index)),
      await sharp(bytes).resize(256).webp({ quality: 70 }).toBuffer(),
    );
  }
}

const imageAt = (index: number | string): string => `pictures/toupload/picture-${index}.webp`;
const originalAt = (index: number | string): string => `pictures/generated/original-${index}.webp`;
const thumbnailAt = (index: number | string): string =>
  `.gen-image-factory/thumbnails/thumbnail-${index}.webp`;

/** Resolves to the milliseconds that it took. */
export async function generateStore(options: GenerateOptions): Promise<number> {
  const began = performance.now();
  const { root, images } = options;
  const jobs = Math.max(1, options.jobs ?? Math.ceil(images / 1000));
  const imageFiles = options.imageFiles ?? 24;
  const ownFiles = Math.min(images, options.ownFiles ?? 200);
  await drawImages(root, imageFiles);
  for (let own = images - ownFiles; own < images; own += 1) {
    for (const at of [imageAt, originalAt, thumbnailAt]) {
      copyFileSync(join(root, at(own % imageFiles)), join(root, at(`own-${own}`)));
    }
  }
  const store = await openStore({ root });
  try {
    const next = random(1);
    const newest = options.now ?? Date.now();
    // Some thousand rows a transaction: one for all would grow the log without bound.
    const seqs: number[] = [];
    for (let from = 0; from < jobs; from += 5000) {
      store.edit((db) => {
        for (let job = from; job < Math.min(jobs, from + 5000); job += 1) {
          seqs.push(insertJobRow(db, job, jobs, images, newest, next));
        }
      });
    }
    for (let from = 0; from < images; from += 5000) {
      store.edit((db) => {
        for (let image = from; image < Math.min(images, from + 5000); image += 1) {
          const job = Math.floor((image * jobs) / images);
          const files = image >= images - ownFiles ? `own-${image}` : image % imageFiles;
          insertImageRow(db, { image, images, jobSeq: seqs[job] ?? 1, files, newest, next });
        }
      });
    }
  } finally {
    store.close();
  }
  return performance.now() - began;
}

function insertJobRow(
  db: Writer,
  job: number,
  jobs: number,
  images: number,
  newest: number,
  next: () => number,
): number {
  const id = uuid(next);
  const createdAt = newest - (jobs - job) * 3_600_000;
  const rerun = next() < 0.2;
  const label =
    next() < 0.5 ? `Batch ${job + 1} ${subjects[job % subjects.length]}` : `job_${20250000 + job}_120000`;
  const shown = rerun ? `${label} (Rerun ${id.slice(-6)})` : label;
  const each = Math.round(images / jobs);
  const status =
    next() < 0.9 ? 'completed' : next() < 0.5 ? 'failed' : next() < 0.5 ? 'stopped' : 'interrupted';
  const { lastInsertRowid } = db
    .sql(
      `INSERT INTO jobs (id, label, rerun, status, created_at, started_at, finished_at, running_ms, planned, generated,
         checked, approved, failed, percent, cost_micro_usd, image_provider, label_text, name_key)
       VALUES (@id, @label, @rerun, @status, @createdAt, @startedAt, @finishedAt, @runningMs, @each, @each, @each,
         @approved, @failed, 100, @cost, 'sample', @text, @key)`,
    )
    .run({
      id,
      label,
      rerun: Number(rerun),
      status,
      createdAt,
      startedAt: createdAt + 1000,
      finishedAt: createdAt + 600_000,
      runningMs: 590_000,
      each,
      approved: Math.round(each * 0.9),
      failed: each - Math.round(each * 0.9),
      cost: each * 2500,
      text: foldText(shown),
      key: nameKey(shown),
    });
  const seq = Number(lastInsertRowid);
  db.sql(
    `INSERT INTO job_inputs (job_seq, settings, snapshot, inputs, plan) VALUES (?, ?, ?, '{}', '{}')`,
  ).run(
    seq,
    JSON.stringify({ 'job.label': label, 'provider.image': 'sample' }),
    JSON.stringify({ 'job.label': label, 'provider.image': 'sample' }),
  );
  return seq;
}

interface ImageAt {
  image: number;
  images: number;
  jobSeq: number;
  files: number | string;
  newest: number;
  next: () => number;
}

function insertImageRow(db: Writer, { image, images, jobSeq, files, newest, next }: ImageAt): void {
  const pick = (texts: readonly string[]): string => texts[Math.floor(next() * texts.length)] ?? '';
  const [subject, style, mood] = [pick(subjects), pick(styles), pick(moods)];
  const hostile = image % 97 === 13 ? pick(hostileTexts) : null;
  const chance = next();
  const status =
    chance < 0.9
      ? 'approved'
      : chance < 0.95
        ? 'qcFailed'
        : chance < 0.985
          ? 'failed'
          : chance < 0.995
            ? 'retryFailed'
            : 'retryPending';
  const failed = status === 'failed' || status === 'retryFailed' || status === 'retryPending';
  const stage = pick([
    'removeBackground',
    'trim',
    'enhance',
    'convert',
    'metadata',
    'download',
    'qualityCheck',
  ]);
  const prompt = hostile ?? `A ${style} of a ${subject} ${mood}, number ${image}, ${details}`;
  const title = hostile ?? `${subject} ${mood} ${image}`;
  const description = `${style} showing a ${subject} ${mood}.`;
  const tags = [subject, style, mood, `batch${image % 500}`];
  const { lastInsertRowid } = db
    .sql(
      `INSERT INTO images (id, job_seq, generation, variation, status, failure_stage, failure_code, failure_reason,
         soft_failures, keyword_row, keyword, prompt, provider, model, seed, width, height, bytes,
         generation_cost_micro_usd, cost_micro_usd, timings, qc_passed, qc_reason, title, description, tags,
         processing, original_path, path, thumbnail_path, name, created_at, updated_at)
       VALUES (@id, @jobSeq, @generation, 0, @status, @stage, @code, @reason, @soft, @generation, @keyword, @prompt,
         'sample', 'sample', @seed, 512, 512, 20000, 2000, 2500, @timings, @passed, @qcReason, @title, @description,
         @tags, @processing, @original, @path, @thumbnail, @name, @createdAt, @createdAt)`,
    )
    .run({
      id: uuid(next),
      jobSeq,
      generation: image,
      status,
      stage: failed ? stage : null,
      code: failed ? 'provider.unavailable' : null,
      reason: failed ? 'The service did not answer in time.' : null,
      soft:
        next() < 0.02
          ? JSON.stringify([{ stage: 'metadata', code: 'provider.badAnswer', reason: 'No title.' }])
          : '[]',
      keyword: JSON.stringify({ keyword: subject }),
      prompt,
      seed: image,
      timings: JSON.stringify({ generate: 1500, download: 40, qualityCheck: 480, deliver: 12 }),
      passed: status === 'qcFailed' ? 0 : 1,
      qcReason: status === 'qcFailed' ? 'The subject is cut off.' : 'Good.',
      title,
      description,
      tags: JSON.stringify(tags),
      processing: JSON.stringify({ 'processing.convert': true, 'processing.convertFormat': 'webp' }),
      original: originalAt(files),
      path: status === 'approved' ? imageAt(files) : null,
      thumbnail: thumbnailAt(files),
      name: nameKey(title),
      createdAt: newest - (images - image) * 1000,
    });
  db.sql('INSERT INTO image_texts (seq, text) VALUES (?, ?)').run(
    lastInsertRowid,
    imageText({ prompt, title, description, tags }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , root, images = '100000', jobs] = process.argv;
  if (root === undefined)
    throw new Error('Say which folder: node test/bench/generateStore.mts FOLDER [IMAGES] [JOBS]');
  const took = await generateStore({
    root,
    images: Number(images),
    ...(jobs === undefined ? {} : { jobs: Number(jobs) }),
  });
  process.stdout.write(`${images} images in ${root} after ${(took / 1000).toFixed(1)} s\n`);
}
