/** How an image is for the eye, in two numbers: whether anything is on it, and whether that is sharp. */
import { decode } from './pixels.ts';
import type { Pixels } from './pixels.ts';

export interface Measures {
  width: number;
  height: number;
  /** Difference of the lightest and darkest parts, of 255. */
  range: number;
  /** Change from one pixel to the next at the sharpest edges, as a share of the range. */
  edge: number;
}

export async function measure(bytes: Uint8Array): Promise<Measures> {
  const pixels = await decode(bytes);
  return { width: pixels.width, height: pixels.height, ...rangeAndEdge(pixels) };
}

/** The range of tones, and the change per pixel that one of two hundred edges exceeds, as a share of it. */
function rangeAndEdge({ data, width, height, channels }: Pixels): Pick<Measures, 'range' | 'edge'> {
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
