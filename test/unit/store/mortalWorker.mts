/** The store's worker, which dies of its first questions: as often as the file `<store>.deaths` says. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { path } = workerData as { path: string };
const file = `${path}.deaths`;
const deaths = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
if (deaths > 0) {
  parentPort?.on('message', () => {
    writeFileSync(file, String(deaths - 1));
    process.exit(3);
  });
} else {
  await import('../../../src/engine/store/readWorker.ts');
}
