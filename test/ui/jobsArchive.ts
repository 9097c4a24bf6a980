/** What lies in an exported archive or workbook, read by other readers than the product's own. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import * as XLSX from 'xlsx';
import { openPromise } from 'yauzl';

/** Names and contents of the files in a ZIP. */
export async function unzip(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = await openPromise(path);
  for await (const entry of archive.eachEntry()) {
    files.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)));
  }
  return files;
}

/** The rows of each sheet, first row included, as texts and numbers. */
export function readWorkbook(file: string | Buffer): Record<string, unknown[][]> {
  const workbook = XLSX.read(typeof file === 'string' ? readFileSync(file) : file);
  return Object.fromEntries(
    workbook.SheetNames.map((name) => {
      const sheet = workbook.Sheets[name];
      return [name, sheet === undefined ? [] : XLSX.utils.sheet_to_json<unknown[]>(sheet, { header: 1 })];
    }),
  );
}
