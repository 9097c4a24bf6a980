/**
 * Exports against their bounds, all measured in the same run: 10,000 images to xlsx against a bare exceljs
 * streaming writer (at most 1.5 ×, stalls under 50 ms, growth under 100 MB), a ZIP of 300 images against
 * copying the files (at least 0.7 × the speed). Exit status 1 when a bound is missed.
 *
 *     node --expose-gc test/bench/exports.mts
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import ExcelJS from 'exceljs';
import { exportImagesArchive } from '../../src/engine/exports/archive.ts';
import { jobImageColumns } from '../../src/engine/exports/columns.ts';
import { exportJobWorkbook } from '../../src/engine/exports/workbook.ts';
import type { ImageRecord } from '../../src/engine/model/image.ts';
import { fileAt, imageWith, into, jobWith } from '../unit/exports/records.ts';

const rowCount = 10_000;
const fileCount = 300;
const fileBytes = 220_000;

const folder = await mkdtemp(join(tmpdir(), 'factory-bench-exports-'));
let missed = 0;
function bound(what: string, value: number, limit: number, unit: string, least = false): void {
  const holds = least ? value >= limit : value <= limit;
  if (!holds) missed += 1;
  console.log(
    `${holds ? 'ok  ' : 'MISS'} ${what}: ${value.toFixed(2)} ${unit} (${least ? 'at least' : 'at most'} ${limit})`,
  );
}

function* records(): Generator<ImageRecord> {
  for (let i = 0; i < rowCount; i += 1) {
    yield imageWith({
      seq: i,
      id: `aaaaaaaa-0000-4000-8000-${String(i).padStart(12, '0')}`,
      generation: i,
      prompt: `A picture of fox number ${i}, ${'in soft autumn light among birches, '.repeat(6)}`,
      description: `Number ${i}: ${'a fox that looks at the one who looks. '.repeat(3)}`,
    });
  }
}

async function bareWriter(): Promise<void> {
  const writer = new ExcelJS.stream.xlsx.WorkbookWriter({
    filename: join(folder, 'bare.xlsx'),
    useStyles: true,
  });
  const sheet = writer.addWorksheet('Images');
  sheet.columns = jobImageColumns.map(({ header, width }) => ({ header, width }));
  for (const image of records())
    sheet.addRow(jobImageColumns.map(({ value }) => value({ image, name: null }))).commit();
  sheet.commit();
  await writer.commit();
}

let exported = 0;
async function ourWriter(): Promise<void> {
  const destination = {
    folder: into(folder),
    name: 'ours',
    extension: 'xlsx',
    now: Date.now() + 1000 * exported++,
  } as const;
  await exportJobWorkbook({ job: jobWith(), images: records(), imageCount: rowCount }, destination);
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

try {
  // Both load their modules before they are timed; the first turn of each is not counted.
  await bareWriter();
  await ourWriter();
  const bare: number[] = [];
  const ours: number[] = [];
  const stalls: number[] = [];
  let growth = 0;
  for (let turn = 0; turn < 3; turn += 1) {
    bare.push(await milliseconds(bareWriter));
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    ours.push(await milliseconds(ourWriter));
    delays.disable();
    clearInterval(watch);
    stalls.push(delays.max / 1e6);
    growth = Math.max(growth, most - before);
  }
  console.log(
    `xlsx of ${rowCount} images: bare ${median(bare).toFixed(0)} ms, ours ${median(ours).toFixed(0)} ms`,
  );
  bound('xlsx against the bare writer', median(ours) / median(bare), 1.5, '×');
  bound('longest stall while writing', median(stalls), 50, 'ms');
  bound('memory growth', growth / 1024 / 1024, 100, 'MB');

  const imageFiles = join(folder, 'pictures');
  await mkdir(imageFiles);
  const images: ImageRecord[] = [];
  for (let i = 0; i < fileCount; i += 1) {
    const path = join(imageFiles, `${i}.jpg`);
    await writeFile(path, randomBytes(fileBytes));
    images.push(imageWith({ id: `image-${i}`, path }));
  }
  const copies: number[] = [];
  const zips: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const copy = join(folder, `copy-${turn}`);
    // Through the process, as any program without a special file system call copies; on the disk at the end.
    copies.push(
      await milliseconds(async () => {
        await mkdir(copy);
        for (const [i, { path }] of images.entries()) {
          const target = join(copy, `${i}.jpg`);
          await pipeline(createReadStream(path ?? ''), createWriteStream(target));
        }
        const last = await open(join(copy, `${fileCount - 1}.jpg`), 'r+');
        await last.sync();
        await last.close();
      }),
    );
    zips.push(
      await milliseconds(async () => {
        await exportImagesArchive(
          {
            images: () => images,
            imageCount: fileCount,
            fileOf: ({ path }) => fileAt(path),
            sidecarOf: () => null,
            job: () => jobWith(),
            metadata: false,
          },
          { folder: into(folder), name: 'zip', extension: 'zip', now: Date.now() + 1000 * turn },
        );
      }),
    );
  }
  const megabytes = (fileCount * fileBytes) / 1024 / 1024;
  const speed = (times: number[]): number => megabytes / (median(times) / 1000);
  console.log(
    `${fileCount} images: copied ${speed(copies).toFixed(0)} MB/s, zipped ${speed(zips).toFixed(0)} MB/s`,
  );
  bound('ZIP against copying', speed(zips) / speed(copies), 0.7, '×', true);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = missed > 0 ? 1 : 0;
