/** The sample provider's quality check: it measures instead of looking. */
import { workOnPixels } from '../../images/pixelPool.ts';
import type { QualityVerdict } from '../provider.ts';

/** Pixels of the shorter side under which nothing can be made out. */
const smallestSide = 64;

/** Difference of the lightest and darkest parts (of 255) under which an image is one tone. */
const smallestRange = 12;

/**
 * Change from one pixel to the next at the sharpest edges, as a share of the range. A drawn edge changes by
 * 0.3 and more, a photograph's by 0.1; a blur of five pixels leaves 0.08, one of eight 0.05.
 */
const smallestEdge = 0.07;

/** Rejects what is too small, blank or blurred, with the measure in the reason. */
export async function measureQuality(bytes: Uint8Array, signal: AbortSignal): Promise<QualityVerdict> {
  const { width, height, range, edge } = await workOnPixels('measure', { bytes }, signal);
  if (Math.min(width, height) < smallestSide) {
    return { passed: false, reason: `The picture is too small: ${width} × ${height} pixels.` };
  }
  if (range < smallestRange) {
    return { passed: false, reason: `The picture is blank: its tones differ by ${range} of 255.` };
  }
  if (edge < smallestEdge) {
    return {
      passed: false,
      reason: `The picture is blurred: its sharpest edges change by ${Math.round(edge * 100)} % of the range per pixel.`,
    };
  }
  return {
    passed: true,
    reason: `Sharp (edges of ${Math.round(edge * 100)} %) and not blank (range ${range} of 255).`,
  };
}
