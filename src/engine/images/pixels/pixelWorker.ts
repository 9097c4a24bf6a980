/**
 * The process that works on pixels. It is ended from outside when a piece of work takes too long (`pixelProcess.ts`),
 * and ends itself when one takes too much memory, which no flag of Node bounds for libvips.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { toFactoryError } from '../../model/errors.ts';
import { raster } from '../pixelBounds.ts';
import { received, sent, sentError } from '../pixelWire.ts';
import type { PixelReply, PixelRequest } from '../pixelWire.ts';
import { operations } from './operations.ts';
import { loadSharp } from './sharp.ts';

let mostMemory = raster.memory;
/** Between two pieces of work; what a build or a library keeps must not count against the next one. */
const mostKept = 512 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'gen-image-factory-'));

setInterval(() => {
  if (process.memoryUsage.rss() > mostMemory) process.send?.({ kind: 'full' } satisfies PixelReply, end);
}, 50).unref();
process.on('disconnect', end);
// A terminal sends it to the whole group; whoever started this process says when it is to end.
process.on('SIGINT', () => undefined);
process.on('message', (request: PixelRequest) => void answer(request));
await loadSharp();
send({ kind: 'ready', folder });

/** `process.exit` would wait for the work that is under way. */
function end(): void {
  rmSync(folder, { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}

async function answer({ name, input, bounds }: PixelRequest): Promise<void> {
  mostMemory = bounds.memory;
  const spent = (): boolean => process.memoryUsage.rss() > mostKept;
  try {
    const work = operations[name as keyof typeof operations] as (input: unknown) => Promise<unknown>;
    const output = await sent(await work(await received(input, folder)), folder);
    send({ kind: 'done', output, spent: spent() });
  } catch (thrown) {
    send({ kind: 'failed', error: sentError(toFactoryError(thrown)), spent: spent() });
  }
}

function send(reply: PixelReply): void {
  process.send?.(reply);
}
