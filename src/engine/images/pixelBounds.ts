/** What one piece of work on pixels may take. */
import { sniffType } from './sniff.ts';

export interface PixelBounds {
  of: 'drawing' | 'image';
  seconds: number;
  /** Bytes that the whole process may hold. */
  memory: number;
}

const gigabyte = 1024 ** 3;

/** What is in a drawing decides how long it takes; those that people make take a tenth of a second. */
const drawing: PixelBounds = { of: 'drawing', seconds: 5, memory: gigabyte };

/** The size of an image decides: 64 megapixels are finished in half of it, on a slow computer. */
export const raster: PixelBounds = { of: 'image', seconds: 60, memory: 2 * gigabyte };

/** The bounds for work that is handed these values. */
export function boundsFor(input: object): PixelBounds {
  const drawn = Object.values(input).some(
    (value: unknown) => value instanceof Uint8Array && sniffType(value) === 'svg',
  );
  return drawn ? drawing : raster;
}
