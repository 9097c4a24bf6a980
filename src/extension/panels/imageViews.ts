/** Images as views may know them: with addresses that only their own panel can load, without paths to act on. */
import { fileOfImage } from '../../engine/model/image.ts';
import type { ImageRecord } from '../../engine/model/image.ts';
import { shorten } from '../../engine/model/shorten.ts';
import type { ImageTile, ImageView } from '../../webviews/protocol.ts';
import { excerptLength } from '../../webviews/protocol.ts';

/** The address of a stored path inside one panel, or null where it may not be shown. */
export type AddressOf = (storedPath: string) => string | null;

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** An image that was made anew under the same path gets a new address, so that the page loads it again. */
function address(image: ImageRecord, path: string | null, addressOf: AddressOf): string | null {
  const plain = path === null ? null : addressOf(path);
  return plain === null ? null : `${plain}?v=${image.bytes ?? 0}-${image.status}`;
}

export function toTile(image: ImageRecord, addressOf: AddressOf): ImageTile {
  return {
    seq: image.seq,
    id: image.id,
    jobId: image.jobId,
    jobLabel: image.jobLabel,
    generation: image.generation,
    variation: image.variation,
    status: image.status,
    failure: image.failure,
    softFailures: image.softFailures,
    qcReason: image.qcReason,
    title: image.title,
    tags: image.tags,
    seed: image.seed,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    costMicroUsd: image.costMicroUsd,
    createdAt: image.createdAt,
    provider: image.provider,
    promptExcerpt: shorten(image.prompt, excerptLength),
    thumbnail: address(image, image.thumbnailPath, addressOf),
    fileName: image.path === null ? null : fileName(image.path),
    hasFile: fileOfImage(image) !== null,
  };
}

export function toImageView(image: ImageRecord, addressOf: AddressOf): ImageView {
  const shown = fileOfImage(image);
  const differs = image.path !== null && image.originalPath !== null && image.path !== image.originalPath;
  return {
    ...toTile(image, addressOf),
    prompt: image.prompt,
    keyword: image.keyword,
    keywordRow: image.keywordRow,
    model: image.model,
    description: image.description,
    timings: image.timings,
    processing: image.processing,
    path: image.path,
    signature: image.signature,
    image: address(image, shown, addressOf),
    original: differs ? address(image, image.originalPath, addressOf) : null,
  };
}
