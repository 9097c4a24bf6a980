/** The sample provider's quality check: it measures instead of looking. */
import { withPixels } from '../../images/pixelLimit.ts';
import { decode } from '../../images/pixels.ts';
import type { Pixels } from '../../images/pixels.ts';
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
  const pixels = await withPixels(() => decode(bytes), signal);
  const { width, height } = pixels;
  if (Math.min(width, height) < smallestSide) {
    return { passed: false, reason: `The picture is too small: ${width} × ${height} pixels.` };
  }
  const { range, edge } = measure(pixels);
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

/** The range of tones, and the change per pixel that one of two hundred edges exceeds, as a share of it. */
function measure({ data, width, height, channels }: Pixels): { range: number; edge: number } {
  const tones = new Uint32Array(256);
  const changes = new Uint32Array(256);
  const color = channels >= 3;
  const tone = (at: number): number =>
    color
      ? ((data[at] ?? 0) * 77 + (data[at + 1] ?? 0) * 150 + (data[at + 2] ?? 0) * 29) >> 8
      : (data[at] ?? 0);
  // Three hundred rows tell as much as all of them.
  const step = Math.max(1, Math.floor(height / 300));
  for (let y = 0; y < height; y += step) {
    let before = tone(y * width * channels);
    for (let x = 1; x < width; x += 1) {
      const here = tone((y * width + x) * channels);
      const change = Math.abs(here - before);
      tones[here] = (tones[here] ?? 0) + 1;
      changes[change] = (changes[change] ?? 0) + 1;
      before = here;
    }
  }
  const range = quantile(tones, 0.995) - quantile(tones, 0.005);
  // Flat parts have no edges: only changes that can be part of one count.
  changes.fill(0, 0, 2);
  return { range, edge: range === 0 ? 0 : quantile(changes, 0.98) / range };
}

function quantile(histogram: Uint32Array, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let value = 0; value < histogram.length; value += 1) {
    seen += histogram[value] ?? 0;
    if (seen > 0 && seen >= total * share) return value;
  }
  return 0;
}
