/** Whether the image without its background is there already. */
import { cutoutKey } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { PipelineImage } from './pipelineImage.ts';

/** True when the cutout that these settings ask for is there already, paid for by an earlier try. */
export function hasCutout(settings: Settings, image: PipelineImage): boolean {
  return image.cutoutPath !== null && image.unfinished.cutoutBy === cutoutKey(settings);
}
