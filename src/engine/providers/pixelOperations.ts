/** Work on pixels that adapters need and the room of the images does; handed in, because neither imports the other. */
export interface PixelOperations {
  /** The four images of a two-by-two grid, as PNG, in reading order. */
  cutGrid(bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array[]>;
  /** In pixels, from the header alone; fails with `image.invalid`. */
  sizeOf(bytes: Uint8Array): { width: number; height: number };
  /** The same image with at most this many pixels, as PNG or JPEG. */
  shrink(bytes: Uint8Array, maxPixels: number, signal?: AbortSignal): Promise<Uint8Array>;
}
