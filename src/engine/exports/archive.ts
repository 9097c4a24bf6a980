/** Archives: images with their data, or the workbooks of several jobs. */
import { basename, join } from 'node:path';
import { slug, uniqueNames } from '../files/names.ts';
import { inTemporaryFolder, openOwn } from '../files/temporary.ts';
import { diskError, errnoOf } from '../model/diskErrors.ts';
import { FactoryError, isFactoryError, toFactoryError } from '../model/errors.ts';
import type { ImageRecord } from '../model/image.ts';
import { shortId } from '../model/label.ts';
import { jobStatusLabel } from '../model/status.ts';
import { wallTime } from '../model/wallTime.ts';
import { settingsAsRun } from '../settings/settings.ts';
import { archiveImageColumns } from './columns.ts';
import type { ExportedJob, ImageSheetRow } from './columns.ts';
import { writeDestination } from './destination.ts';
import type { Destination, ExportControl, Exported } from './destination.ts';
import { writeJobWorkbook, writeWorkbook } from './workbook.ts';
import type { JobForExport } from './workbook.ts';
import { writeZip } from './zip.ts';
import type { FileToExport } from './zip.ts';
import { messages } from './messages.ts';

export interface ImagesForExport {
  /** Read twice: for the files and their names, then for the sheet. */
  images: () => Iterable<ImageRecord> | AsyncIterable<ImageRecord>;
  /** For progress. */
  imageCount: number;
  /** An image's file; null when it has none. */
  fileOf: (image: ImageRecord) => FileToExport | null;
  /** The same of the metadata that lies beside it. */
  sidecarOf: (image: ImageRecord) => FileToExport | null;
  /** Once for each job that an exported image belongs to. */
  job: (jobId: string) => ExportedJob;
  /** With `metadata.xlsx`. */
  metadata: boolean;
}

/**
 * Exports images as a ZIP: `images/…` as they are, `metadata.xlsx` if wanted, and one configuration file per
 * job. Images without a file are left out, and in the sheet without a name. Fails as `writeDestination` does,
 * and with `export.failed` when there is no file at all.
 */
export async function exportImagesArchive(
  source: ImagesForExport,
  destination: Destination,
  control: ExportControl = {},
): Promise<Exported> {
  const { signal } = control;
  let leftOut = 0;
  const path = await writeDestination(
    destination,
    (aside) =>
      inTemporaryFolder(async (folder) => {
        const { files, jobs, missing } = await gather(source, control);
        leftOut = missing;
        if (files.size === 0) {
          throw new FactoryError('export.failed', missing === 0 ? messages.noneChosen() : messages.noFiles());
        }
        const sheet = join(folder, 'metadata.xlsx');
        if (source.metadata) await writeMetadata(sheet, source, files, control);
        await writeZip(aside, signal, async (zip) => {
          const entries = [...files.values()].flatMap(({ file, name, sidecar }) => [
            { ...file, name: `images/${name}` },
            ...(sidecar === null ? [] : [{ ...sidecar, name: `images/${name}.xmp` }]),
          ]);
          await zip.store(entries, (done) => {
            control.onProgress?.({ phase: 'Zipping', done, total: entries.length });
          });
          if (source.metadata)
            await zip.store([{ name: 'metadata.xlsx', path: sheet, open: () => openOwn(sheet) }]);
          for (const [name, job] of configurationNames(jobs)) await zip.text(name, configurationOf(job));
        });
      }),
    signal,
  );
  return { path, leftOut };
}

/** A file that goes into the archive. */
interface GatheredFile {
  file: FileToExport;
  /** Its name below `images/`. */
  name: string;
  sidecar: FileToExport | null;
}

/** Files and names (by image id) before anything is written, so that the sheet can name what the archive holds. */
async function gather(
  { images, imageCount, fileOf, sidecarOf, job }: ImagesForExport,
  { signal, onProgress }: ExportControl,
): Promise<{ files: Map<string, GatheredFile>; jobs: ExportedJob[]; missing: number }> {
  const files = new Map<string, GatheredFile>();
  const jobs = new Map<string, ExportedJob>();
  const nameFor = uniqueNames();
  let done = 0;
  for await (const image of images()) {
    signal?.throwIfAborted();
    const file = await readable(fileOf(image));
    if (file !== null) {
      const sidecar = await readable(sidecarOf(image));
      files.set(image.id, { file, name: nameFor(basename(file.path)), sidecar });
    }
    if (!jobs.has(image.jobId)) jobs.set(image.jobId, job(image.jobId));
    done += 1;
    onProgress?.({ phase: 'Gathering Files', done, total: Math.max(done, imageCount) });
  }
  return { files, jobs: [...jobs.values()], missing: done - files.size };
}

/** Null for what is not there and what may not be read: the image is left out. */
async function readable(file: FileToExport | null): Promise<FileToExport | null> {
  try {
    await (await file?.open())?.close();
    return file;
  } catch (error) {
    if (errnoOf(error) !== '' || isFactoryError(error)) return null;
    throw error;
  }
}

function writeMetadata(
  path: string,
  { images, imageCount }: ImagesForExport,
  files: ReadonlyMap<string, GatheredFile>,
  { signal, onProgress }: ExportControl,
): Promise<void> {
  return temporarily(
    path,
    writeWorkbook(path, signal, (book) => book.sheet('Images', archiveImageColumns, rows())),
  );

  async function* rows(): AsyncGenerator<ImageSheetRow> {
    let done = 0;
    for await (const image of images()) {
      yield { image, name: files.get(image.id)?.name ?? null };
      done += 1;
      onProgress?.({ phase: 'Creating Excel', done, total: Math.max(done, imageCount) });
    }
  }
}

/** One job: `job_configuration.json`; several: one each, named after label and short id. */
function configurationNames(jobs: readonly ExportedJob[]): [string, ExportedJob][] {
  if (jobs.length === 1) return jobs.map((job) => ['job_configuration.json', job]);
  const nameFor = uniqueNames();
  return jobs.map((job) => [nameFor(`job_configuration_${fileStem(job)}.json`), job]);
}

/** What a job was made of. Settings hold no keys and no service addresses. */
function configurationOf(job: ExportedJob): string {
  const { id, label, status, createdAt, startedAt, finishedAt } = job;
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const configuration = {
    job: {
      id,
      label,
      status,
      createdAt: time(createdAt),
      startedAt: time(startedAt),
      finishedAt: time(finishedAt),
    },
    settings: settingsAsRun(job),
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function fileStem(job: { id: string; label: string }): string {
  return `${slug(job.label)}_${slug(shortId(job.id))}`;
}

/** One job of a bulk export; opened when its turn comes, so that one that cannot be read spoils only itself. */
export interface JobToExport {
  id: string;
  label: string;
  open: () => JobForExport | Promise<JobForExport>;
}

/**
 * Exports several jobs as one ZIP: a workbook each and `export_summary.txt`, which names those that could not
 * be exported. Fails as `writeDestination` does, and with `export.failed` when no job could be exported.
 */
export async function exportJobsArchive(
  jobs: readonly JobToExport[],
  destination: Destination,
  control: ExportControl = {},
): Promise<Exported> {
  const { signal, onProgress } = control;
  let leftOut = 0;
  const path = await writeDestination(
    destination,
    (aside) =>
      inTemporaryFolder(async (folder) => {
        const nameFor = uniqueNames();
        const outcomes: JobOutcome[] = [];
        for (const job of jobs) {
          const name = nameFor(`${fileStem(job)}.xlsx`);
          onProgress?.({ phase: 'Creating Excel', done: outcomes.length, total: jobs.length });
          outcomes.push(await exportOne(job, name, join(folder, `${outcomes.length}.xlsx`), signal));
        }
        const written = outcomes.flatMap(({ name, file }) => (file === null ? [] : [{ name, file }]));
        if (written.length === 0) {
          const first = outcomes[0]?.failure;
          throw new FactoryError(
            'export.failed',
            first ? messages.noneExportedBecause({ first }) : messages.noneExported(),
          );
        }
        leftOut = outcomes.length - written.length;
        await writeZip(aside, signal, async (zip) => {
          // Workbooks are ZIPs themselves: nothing is left to compress.
          const entries = written.map(({ name, file }) => ({ name, path: file, open: () => openOwn(file) }));
          await zip.store(entries, (done) => {
            onProgress?.({ phase: 'Zipping', done, total: entries.length });
          });
          await zip.text('export_summary.txt', summaryOf(outcomes, destination.now));
        });
      }),
    signal,
  );
  return { path, leftOut };
}

interface JobOutcome {
  id: string;
  label: string;
  name: string;
  /** Null when the job could not be exported. */
  file: string | null;
  failure: string | null;
  facts: string;
}

async function exportOne(
  { id, label, open }: JobToExport,
  name: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<JobOutcome> {
  try {
    const source = await open();
    await temporarily(file, writeJobWorkbook(source, file, signal === undefined ? {} : { signal }));
    const { job } = source;
    const facts = `${jobStatusLabel(job)}, ${job.approved} of ${job.planned} images approved`;
    return { id, label, name, file, failure: null, facts };
  } catch (error) {
    const { code, message } = toFactoryError(error);
    // These stop the whole export: the next job would meet them too.
    if (signal?.aborted === true || code === 'cancelled' || code.startsWith('disk.')) throw error;
    return { id, label, name, file: null, failure: message, facts: '' };
  }
}

function summaryOf(outcomes: readonly JobOutcome[], now: number): string {
  const exported = outcomes.filter(({ failure }) => failure === null);
  const failed = outcomes.filter(({ failure }) => failure !== null);
  const lines = [
    'Gen Image Factory: export of jobs',
    `Exported at: ${wallTime(now)}`,
    '',
    `Exported: ${exported.length} of ${outcomes.length} jobs`,
    ...exported.map(({ id, label, name, facts }) => `- ${oneLine(label)} [${id}]: ${name} (${facts})`),
  ];
  if (failed.length > 0) {
    lines.push('', `Not exported: ${failed.length}`);
    lines.push(
      ...failed.map(({ id, label, failure }) => `- ${oneLine(label)} [${id}]: ${oneLine(failure ?? '')}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The temporary folder may lie on another disk than the export: what the disk refuses there is said of its own path. */
async function temporarily<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? diskError(error, path) : error;
  }
}
