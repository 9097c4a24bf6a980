/**
 * The process that reads and draws vector drawings from outside. It is ended from outside when a drawing takes too
 * long (`drawing.ts`), and ends itself when one takes too much memory, which no flag of Node bounds for libvips.
 */
import process from 'node:process';
import { toFactoryError } from '../model/errors.ts';
import type { Drawn, DrawingRequest, DrawingReply } from './drawing.ts';
import { decode } from './pixels.ts';
import { loadSharp } from './sharp.ts';
import { sanitizeSvg, svgForPreview } from './svg.ts';

const mostMemory = 1024 * 1024 * 1024;
setInterval(() => {
  if (process.memoryUsage.rss() > mostMemory) process.exit(1);
}, 50).unref();

process.on('disconnect', () => process.exit());
process.on('message', (request: DrawingRequest) => void answer(request));
await loadSharp();
send('ready');

async function answer({ bytes, side }: DrawingRequest): Promise<void> {
  try {
    send({ drawn: await draw(bytes, side) });
  } catch (thrown) {
    const { code, told } = toFactoryError(thrown);
    send({ error: { code, told } });
  }
}

async function draw(bytes: Uint8Array, side: number | null): Promise<Drawn> {
  const svg = sanitizeSvg(bytes);
  return { svg, pixels: side === null ? null : await decode(svgForPreview(bytes, side).svg, side) };
}

function send(reply: DrawingReply): void {
  process.send?.(reply);
}
