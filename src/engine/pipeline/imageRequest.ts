/** What an image provider is asked, the same for a request, for asking for its lost answer, and after a restart. */
import { z } from 'zod';
import type { ImageRequest } from '../providers/provider.ts';
import { imageSizes, isVisible } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';

const shape = z.object({
  /** The slots that the results are for, in their order. */
  variations: z.array(z.number().int().nonnegative()),
  /** The ids that the images will have: files can be named before there are rows. */
  imageIds: z.array(z.string()),
});
/** Stored with a call of the image provider. */
export type CallRequest = z.output<typeof shape>;

export const noRequest: CallRequest = { variations: [], imageIds: [] };

export function readCallRequest(value: unknown): CallRequest {
  const parsed = shape.safeParse(value);
  return parsed.success ? parsed.data : noRequest;
}

export function imageRequest(
  work: { settings: Settings },
  of: { generation: number; prompt: string },
  request: CallRequest,
  requestId: string,
): ImageRequest {
  const { settings } = work;
  const { width, height } = sizeOf(settings, of.generation);
  return {
    requestId,
    prompt: of.prompt,
    generation: of.generation,
    count: request.variations.length,
    width,
    height,
    seed: seedOf(settings, of.generation, request.variations[0] ?? 0),
  };
}

/** Dimensions rotate per generation (P5). */
export function sizeOf(settings: Settings, generation: number): { width: number; height: number } {
  const sizes = imageSizes(settings);
  return sizes[generation % Math.max(1, sizes.length)] ?? { width: 1024, height: 1024 };
}

/** Slot i uses seed + i. */
export function seedOf(settings: Settings, generation: number, variation: number): number | null {
  const first = isVisible('generation.seed', settings) ? settings['generation.seed'] : null;
  return first === null ? null : first + generation * settings['generation.variations'] + variation;
}
