/** What the process of the pixels can be asked for. Every entry takes and gives data alone: it crosses processes. */
import { sentError } from '../pixelWire.ts';
import type { SentError } from '../pixelWire.ts';
import { inSrgb } from './colours.ts';
import { cutOut } from './cutOut.ts';
import type { NoCutOut } from './cutOut.ts';
import { drawPng } from './drawPng.ts';
import { markImage } from './markImage.ts';
import type { Marked } from './markImage.ts';
import { measure } from './measure.ts';
import type { Measures } from './measure.ts';
import { shrink } from './shrink.ts';
import { inspectImage, thumbnail } from './thumbnail.ts';
import type { ImageInspection } from './thumbnail.ts';
import { cutGrid, finish } from './transform.ts';
import type { Dispensable, FinishPlan } from './transform.ts';

export interface FinishInput {
  /** As the provider made it. */
  original: Uint8Array;
  /** Without its background; null where it has it. */
  cutout: Uint8Array | null;
  plan: FinishPlan;
  /** Steps whose failure fails the image. */
  hard: readonly Dispensable[];
  /** Whether it is said that the image is generated. */
  disclose: boolean;
}

/** What is to be delivered, with the failures of the steps that it was made without. */
export interface Deliverable extends Marked {
  failed: { stage: Dispensable; error: SentError }[];
}

interface Bytes {
  bytes: Uint8Array;
}

export interface Operations {
  /** Kind and size, an image for the vision calls, and a thumbnail. */
  inspect: (input: Bytes & { maxSide: number }) => Promise<ImageInspection>;
  /** WebP, at most 256 pixels a side. */
  thumbnail: (input: Bytes) => Promise<Uint8Array>;
  finish: (input: FinishInput) => Promise<Deliverable>;
  /** The same image with at most this many pixels. */
  shrink: (input: Bytes & { maxPixels: number }) => Promise<Uint8Array>;
  /** The four images of a two-by-two grid. */
  cutGrid: (input: Bytes) => Promise<Uint8Array[]>;
  /** The same image with its colours in sRGB; null where they are. */
  inSrgb: (input: Bytes) => Promise<Uint8Array | null>;
  /** How sharp and how even an image is. */
  measure: (input: Bytes) => Promise<Measures>;
  /** The subject without a plain background, or why there is none. */
  cutOut: (input: Bytes) => Promise<Uint8Array | NoCutOut>;
  /** A drawing of our own as PNG. */
  drawPng: (input: { svg: string }) => Promise<Uint8Array>;
}

export const operations: Operations = {
  inspect: ({ bytes, maxSide }) => inspectImage(bytes, { maxSide }),
  thumbnail: ({ bytes }) => thumbnail(bytes),
  finish: finishAndMark,
  shrink: ({ bytes, maxPixels }) => shrink(bytes, maxPixels),
  cutGrid: ({ bytes }) => cutGrid(bytes),
  inSrgb: ({ bytes }) => inSrgb(bytes),
  measure: ({ bytes }) => measure(bytes),
  cutOut: ({ bytes }) => cutOut(bytes),
  drawPng: ({ svg }) => drawPng(svg),
};

async function finishAndMark({ original, cutout, plan, hard, disclose }: FinishInput): Promise<Deliverable> {
  const failed: Deliverable['failed'] = [];
  const finished = await finish(cutout ?? original, plan, {
    onFailure: (stage, error) => {
      if (hard.includes(stage)) throw error;
      failed.push({ stage, error: sentError(error) });
    },
  });
  return { ...(await markImage(finished, { original, cutout }, disclose)), failed };
}
