/** Exports of the factory: the store's rows read page by page, files checked before they are read (X1–X5). */
import type { FileKind } from '../files/kinds.ts';
import { FactoryError } from '../model/errors.ts';
import { fileOfImage } from '../model/image.ts';
import type { ImageFilter, ImageRecord } from '../model/image.ts';
import type { Destination } from '../exports/destination.ts';
import type { FileToExport } from '../exports/zip.ts';
import type { JobForExport } from '../exports/workbook.ts';
import { countImages } from '../store/imageList.ts';
import { getImage } from '../store/images.ts';
import { getJob } from '../store/jobs.ts';
import { readEach } from '../store/readEach.ts';
import { refuseReadOnly } from './active.ts';
import type { ExportTarget, Factory } from './contract.ts';
import { jobDetails } from './queries.ts';
import type { FactorySession } from './factorySession.ts';
import { messages } from './messages.ts';

export type Exporting = Pick<Factory, 'exportJob' | 'exportJobs' | 'exportImages'>;

const pageSize = 200;

export function createExporting(session: FactorySession): Exporting {
  const { files, store, now } = session;

  const destination = (
    target: ExportTarget,
    name: string,
    extension: Destination['extension'],
  ): Destination => ({
    ...target,
    folder: (use) => files.inOwnFolder(['exports'], { make: true }, use),
    name,
    extension,
    now: now(),
  });

  const fileAt = (stored: string | null, kind: FileKind): FileToExport | null =>
    stored === null ? null : { path: stored, open: () => files.open(stored, kind) };

  const jobForExport = (id: string): JobForExport => {
    const job = jobDetails(session, id);
    const filter = { jobIds: [job.id] };
    return {
      job,
      images: imagesOf(session, filter),
      imageCount: store.read((db) => countImages(db, filter).total),
    };
  };

  return {
    async exportJob(jobId, target, control) {
      refuseReadOnly(session);
      const { exportJobWorkbook } = await import('../exports/workbook.ts');
      const source = jobForExport(jobId);
      const path = await exportJobWorkbook(source, destination(target, source.job.label, 'xlsx'), control);
      return { path, leftOut: 0 };
    },

    async exportJobs(jobIds, target, control) {
      refuseReadOnly(session);
      if (jobIds.length === 0) throw new FactoryError('export.failed', messages.noJobToExport());
      const { exportJobsArchive } = await import('../exports/archive.ts');
      const chosen = await readEach(store, jobIds, (db, id) => getJob(db, id, now()));
      const jobs = chosen.map(({ id, label }) => ({ id, label, open: () => jobForExport(id) }));
      return exportJobsArchive(jobs, destination(target, 'bulk_export', 'zip'), control);
    },

    async exportImages(images, target, control) {
      refuseReadOnly(session);
      const { exportImagesArchive } = await import('../exports/archive.ts');
      const { metadata, ...place } = target;
      const chosen = 'ids' in images ? { ids: [...new Set(images.ids)] } : images;
      return exportImagesArchive(
        {
          images: () =>
            'ids' in chosen ? imagesById(session, chosen.ids) : imagesOf(session, chosen.filter),
          imageCount: 'ids' in chosen ? chosen.ids.length : countOf(session, chosen.filter),
          fileOf: (image) => fileAt(fileOfImage(image), 'picture'),
          sidecarOf: ({ sidecarPath }) => fileAt(sidecarPath, 'sidecar'),
          job: (jobId) => jobDetails(session, jobId),
          metadata,
        },
        destination(place, 'images', 'zip'),
        control,
      );
    },
  };
}

/** For progress; a search is not counted twice for it. */
function countOf({ store }: FactorySession, filter: ImageFilter): number {
  if ((filter.search ?? '').trim() !== '') return 0;
  const { byStatus, total } = store.read((db) => countImages(db, filter));
  const { statuses } = filter;
  if (statuses === undefined || statuses.length === 0) return total;
  return statuses.reduce((sum, status) => sum + byStatus[status], 0);
}

async function* imagesOf({ reads }: FactorySession, filter: ImageFilter): AsyncGenerator<ImageRecord> {
  for (let after: string | null | undefined; after !== null;) {
    const page = await reads.images(filter, 'oldest', {
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    yield* page.items;
    after = page.next;
  }
}

async function* imagesById({ store }: FactorySession, ids: readonly string[]): AsyncGenerator<ImageRecord> {
  for (let start = 0; start < ids.length; start += pageSize) {
    yield* await readEach(store, ids.slice(start, start + pageSize), getImage);
  }
}
