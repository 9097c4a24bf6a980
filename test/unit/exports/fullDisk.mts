/** Exports in a process that may write only small files. Prints what each failed with. Run: node fullDisk.mts FOLDER */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportImagesArchive, exportJobsArchive } from '../../../src/engine/exports/archive.ts';
import type { Destination } from '../../../src/engine/exports/destination.ts';
import { exportJobWorkbook } from '../../../src/engine/exports/workbook.ts';
import { toFactoryError } from '../../../src/engine/model/errors.ts';
import { fileAt, imageWith, into, jobWith } from './records.ts';

const [, , folder = ''] = process.argv;
const images = readdirSync(join(folder, 'pictures')).map((name) =>
  imageWith({ id: name, path: join(folder, 'pictures', name) }),
);
/** More than a small file holds. */
const rows = Array.from({ length: 2000 }, (_, seq) => imageWith({ seq, id: `image ${seq}` }));
const book = { job: jobWith(), images: rows, imageCount: rows.length };
const to = (extension: Destination['extension']): Destination => ({
  folder: into(join(folder, 'exports')),
  name: 'export',
  extension,
  now: 0,
});

for (const work of [
  () =>
    exportImagesArchive(
      {
        images: () => images,
        imageCount: images.length,
        fileOf: ({ path }) => fileAt(path),
        sidecarOf: () => null,
        job: () => jobWith(),
        metadata: false,
      },
      to('zip'),
    ),
  () => exportJobWorkbook(book, to('xlsx')),
  () => exportJobsArchive([{ id: 'one', label: 'One', open: () => book }], to('zip')),
]) {
  const failure = await work().then(() => null, toFactoryError);
  process.stdout.write(`${failure?.code}: ${failure?.message}\n`);
}
