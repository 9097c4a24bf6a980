/** What lies in an archive, in its order. */
import { promisify } from 'node:util';
import yauzl from 'yauzl';

export interface Entry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  /** Bit 3: sizes only behind the data. */
  flags: number;
  bytes: Buffer;
}

export async function unzip(path: string): Promise<Entry[]> {
  const open = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);
  const zip = await open(path, { lazyEntries: true, autoClose: true });
  const entries: Entry[] = [];
  return new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', () => {
      resolve(entries);
    });
    zip.on('entry', (entry: yauzl.Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) {
          reject(error);
          return;
        }
        const chunks: Buffer[] = [];
        stream.on('error', reject);
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          entries.push({
            name: entry.fileName,
            method: entry.compressionMethod,
            flags: entry.generalPurposeBitFlag,
            bytes: Buffer.concat(chunks),
          });
          zip.readEntry();
        });
      });
    });
    zip.readEntry();
  });
}
