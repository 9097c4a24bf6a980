/** Drawings that were made here, as images with pixels. */
import { withColours } from './colours.ts';
import { loadSharp } from './sharp.ts';

/** Quick to encode: these are drawn by the hundred while somebody waits. */
const compressionLevel = 5;

export async function drawPng(svg: string): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return withColours(await sharp(Buffer.from(svg)).removeAlpha().png({ compressionLevel }).toBuffer());
}
