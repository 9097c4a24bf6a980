/** Workbooks, written row by row: memory stays flat and nobody else's work stands still. */
import type { stream } from 'exceljs';
import { newFileStream } from '../files/temporary.ts';
import { FactoryError } from '../model/errors.ts';
import type { ImageRecord } from '../model/image.ts';
import { nextTurn } from '../model/turns.ts';
import { isVisible, settingKeys, settingsAsRun } from '../settings/settings.ts';
import { jobImageColumns, jobSummaryColumns, settingColumns } from './columns.ts';
import type { Column, ExportedJob } from './columns.ts';
import { writeDestination } from './destination.ts';
import type { Destination, ExportControl } from './destination.ts';
import { messages } from './messages.ts';

type Records = Iterable<ImageRecord> | AsyncIterable<ImageRecord>;

/** A job and its images in the order of the sheet, read while they are written. */
export interface JobForExport {
  job: ExportedJob;
  images: Records;
  /** How many there are: for progress, and to notice those that are deleted meanwhile. */
  imageCount: number;
}

const formats = { date: 'yyyy-mm-dd hh:mm:ss', usd: '$#,##0.000000' } as const;

/** Rows between two turns of the event loop: about 5 ms of work. */
const rowsPerTurn = 50;

/**
 * Exports one job as a workbook with the sheets Job Summary, Images and Settings. Resolves with the absolute
 * path; fails as `writeDestination` does.
 */
export function exportJobWorkbook(
  source: JobForExport,
  destination: Destination,
  control: ExportControl = {},
): Promise<string> {
  return writeDestination(destination, (path) => writeJobWorkbook(source, path, control), control.signal);
}

/** Writes the workbook of one job to a path. */
export async function writeJobWorkbook(
  source: JobForExport,
  path: string,
  control: ExportControl,
): Promise<void> {
  const { job } = source;
  await writeWorkbook(path, control.signal, async (book) => {
    await book.sheet('Job Summary', jobSummaryColumns, [job]);
    await book.sheet('Images', jobImageColumns, withProgress(source, control));
    const settings = settingsAsRun(job);
    const used = settingKeys.filter((key) => isVisible(key, settings));
    await book.sheet(
      'Settings',
      settingColumns,
      used.map((key) => ({ key, job })),
    );
  });
}

async function* withProgress(
  { images, imageCount }: JobForExport,
  { onProgress }: ExportControl,
): AsyncGenerator<{ image: ImageRecord; name: null }> {
  let done = 0;
  for await (const image of images) {
    yield { image, name: null };
    done += 1;
    if (done % rowsPerTurn === 0) onProgress?.({ phase: 'Creating Excel', done, total: imageCount });
  }
  if (done < imageCount) {
    throw new FactoryError('export.failed', messages.imagesDeleted());
  }
  onProgress?.({ phase: 'Creating Excel', done, total: imageCount });
}

export interface Workbook {
  /** Writes one whole sheet; sheets come one after another. */
  sheet<Row>(
    name: string,
    columns: readonly Column<Row>[],
    rows: Iterable<Row> | AsyncIterable<Row>,
  ): Promise<void>;
}

/** Opens a workbook at a path, lets `fill` write its sheets, and completes the file. */
export async function writeWorkbook(
  path: string,
  signal: AbortSignal | undefined,
  fill: (book: Workbook) => Promise<void>,
): Promise<void> {
  const { default: WorkbookWriter } = await import('exceljs/lib/stream/xlsx/workbook-writer.js');
  const file = newFileStream(path);
  // A disk that fills up is told to the stream, not to the writer, which would wait for ever.
  const broken = new Promise<never>((_, reject) => {
    file.once('error', reject);
  });
  const writer = new WorkbookWriter({ stream: file, useStyles: true, useSharedStrings: false });
  writer.creator = 'Gen Image Factory';
  const closed = new Promise<void>((resolve) => {
    file.once('close', resolve);
  });
  try {
    await Promise.race([fill({ sheet: (...sheet) => writeSheet(writer, signal, ...sheet) }), broken]);
    await Promise.race([writer.commit(), broken]);
  } catch (error) {
    file.destroy();
    throw error;
  } finally {
    await closed;
  }
}

async function writeSheet<Row>(
  writer: stream.xlsx.WorkbookWriter,
  signal: AbortSignal | undefined,
  name: string,
  columns: readonly Column<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<void> {
  const sheet = writer.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(({ header, width, format }) => ({
    header,
    width,
    ...(format !== undefined && { style: { numFmt: formats[format] } }),
  }));
  sheet.getRow(1).font = { bold: true };
  sheet.getRow(1).commit();
  let written = 0;
  for await (const row of rows) {
    sheet.addRow(columns.map(({ value }) => value(row))).commit();
    written += 1;
    if (written % rowsPerTurn === 0) {
      signal?.throwIfAborted();
      await nextTurn();
    }
  }
  sheet.commit();
}
