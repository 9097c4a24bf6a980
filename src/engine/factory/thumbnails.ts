/**
 * Thumbnails that Clean Up removed (or somebody by hand) are made again when a view reads their images: in the
 * background, one after another, the newest request first, so that what is in sight comes before what was passed.
 */
import type { Files } from '../files/files.ts';
import { thumbnailName } from '../files/names.ts';
import { workOnPixels } from '../images/pixelPool.ts';
import { isFactoryError } from '../model/errors.ts';
import { fileOfImage } from '../model/image.ts';
import type { ImageRecord } from '../model/image.ts';
import { nextTurn } from '../model/turns.ts';
import { imageEvent } from '../store/asEvents.ts';
import { getImage, updateImage } from '../store/images.ts';
import type { Reader } from '../store/store.ts';
import type { FactorySession } from './factorySession.ts';
import { messages } from './messages.ts';

export interface Thumbnails {
  /** These images are being looked at. Returns at once; each new thumbnail is told as an `image` event. */
  want(images: readonly ImageRecord[]): void;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** Requests that are remembered: a few screens. */
const mostWaiting = 300;
/** Files that made no thumbnail are not tried at every look. */
const mostHopeless = 10_000;

export function createThumbnails(session: FactorySession): Thumbnails {
  const { files, store, logger, options, now } = session;
  const idle = options.readOnly === true || store.readOnly;
  const closing = new AbortController();
  const isClosing = (): boolean => closing.signal.aborted;
  /** In the order of the requests, the newest last. */
  const waiting = new Set<string>();
  const hopeless = new Set<string>();
  let work: Promise<void> | null = null;

  /** Writes the path into the row; false when the row is gone or has changed since `seen`. */
  const change = (seen: ImageRecord, thumbnailPath: string | null): boolean => {
    return store.edit((db, emit) => {
      if (!isAsSeen(db, seen)) return false;
      updateImage(db, seen.id, { thumbnailPath }, now());
      emit(imageEvent(db, seen.id));
      return true;
    });
  };

  const write = async (seen: ImageRecord, bytes: Uint8Array): Promise<void> => {
    // A deletion that has listed the image's files must not miss this one: it is made at the next look instead.
    const free = store.lock('trash');
    if (free === null) return;
    try {
      if (!store.read((db) => isAsSeen(db, seen))) return;
      change(seen, await files.writeThumbnail(thumbnailName(seen.id), bytes));
    } finally {
      free();
    }
  };

  const make = async (id: string): Promise<void> => {
    let seen = store.read((db) => getImage(db, id));
    if (isInWork(seen)) return;
    if (seen.thumbnailPath !== null) {
      if (!(await isLost(files, seen))) return;
      // The row forgets the file first, so that views load the new one although its name is the same.
      if (!change(seen, null)) return;
      seen = { ...seen, thumbnailPath: null };
    }
    const path = fileOfImage(seen);
    const bytes = path === null ? null : await made(files, path, closing.signal);
    if (isClosing()) return;
    if (bytes !== null) await write(seen, bytes);
    else if (hopeless.size < mostHopeless) hopeless.add(hopelessKey(seen));
  };

  const next = (): string | null => (isClosing() ? null : ([...waiting].at(-1) ?? null));

  const run = async (): Promise<void> => {
    // The page that was asked for is answered first.
    await nextTurn();
    for (let id = next(); id !== null; id = next()) {
      waiting.delete(id);
      try {
        await make(id);
      } catch (error) {
        if (isClosing() || isFactoryError(error, 'notFound')) continue;
        // A full disk or a busy store: nobody waits for thumbnails, and the next look asks again.
        waiting.clear();
        logger.warn(messages.thumbnailsNotMade({ reason: String(error) }));
      }
    }
    work = null;
  };

  const note = (images: readonly ImageRecord[]): void => {
    // The first of the page was in sight first.
    for (const image of images.toReversed()) {
      if (
        image.damaged !== undefined ||
        isInWork(image) ||
        fileOfImage(image) === null ||
        hopeless.has(hopelessKey(image))
      )
        continue;
      waiting.delete(image.id);
      waiting.add(image.id);
    }
    for (const id of waiting) {
      if (waiting.size <= mostWaiting) break;
      waiting.delete(id);
    }
    if (waiting.size > 0 && !isClosing()) work ??= run();
  };

  return {
    want(images) {
      if (idle || isClosing()) return;
      note(images.filter((image) => image.thumbnailPath === null));
      // To look for every file of every page would cost more than it finds: three tell whether they were removed.
      const named = images.filter((image) => image.thumbnailPath !== null);
      const samples = new Set([0, named.length >> 1, named.length - 1].flatMap((at) => named[at] ?? []));
      for (const sample of samples) {
        isLost(files, sample).then(
          (lost) => {
            if (lost) note(named);
          },
          (error: unknown) => logger.warn(messages.thumbnailUnseen({ reason: String(error) })),
        );
      }
    },
    async close() {
      closing.abort();
      await work;
    },
  };
}

/** The run that works on it makes its thumbnail. */
function isInWork({ status }: ImageRecord): boolean {
  return status === 'pending' || status === 'processing';
}

/** False when the row is gone, in work, or has another thumbnail. */
function isAsSeen(db: Reader, seen: ImageRecord): boolean {
  try {
    const image = getImage(db, seen.id);
    return image.thumbnailPath === seen.thumbnailPath && !isInWork(image);
  } catch (error) {
    if (isFactoryError(error, 'notFound')) return false;
    throw error;
  }
}

/** True when the row names a thumbnail that is not there. */
async function isLost(files: Files, { thumbnailPath }: ImageRecord): Promise<boolean> {
  if (thumbnailPath === null) return false;
  try {
    return (await files.size(thumbnailPath, 'thumbnail')) === null;
  } catch (error) {
    if (isFactoryError(error, 'input.invalid')) return false;
    throw error;
  }
}

function hopelessKey(image: ImageRecord): string {
  return `${image.id} ${fileOfImage(image) ?? ''}`;
}

/** Null when the file is gone, too large, or no image. */
async function made(files: Files, stored: string, signal: AbortSignal): Promise<Uint8Array | null> {
  try {
    return await workOnPixels('thumbnail', { bytes: await files.read(stored, 'picture') }, signal);
  } catch (error) {
    const known = isFactoryError(error) || (error instanceof Error && 'code' in error);
    if (known || signal.aborted) return null;
    throw error;
  }
}
