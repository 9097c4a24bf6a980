/** Step "deliver": the finished file gets its name in the output folder, then its row says so (P3, P11). */
import { basename } from 'node:path';
import { readBytes, removeFile } from '../files/heldFiles.ts';
import type { HeldFolder } from '../files/heldFolder.ts';
import { toStored } from '../files/inside.ts';
import { mayBe } from '../files/kinds.ts';
import { deliveredName, numbered, safeName } from '../files/names.ts';
import { toFactoryError } from '../model/errors.ts';
import { shortId } from '../model/label.ts';
import { sha256 } from '../model/sha256.ts';
import type { Stage } from '../model/status.ts';
import type { Settings } from '../settings/settings.ts';
import { writeThumbnail } from './download.ts';
import type { Marked } from '../images/pixels/markImage.ts';
import { imageByPlace, nothingUnfinished } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import type { Step } from './step.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

export const delivery: Step<'deliver'> = {
  stage: 'deliver',
  applies: () => true,
  async run({ context, image, finished }) {
    // A delivered image whose pixels stay as they are: only its words were missing.
    if (finished === null) await context.journal.approved(image, {});
    else {
      await deliver(context, image, finished);
      try {
        await removeLeftovers(context, image);
      } catch (error) {
        // The image is delivered; its row still names what could not be removed.
        context.journal.debug(image.id, `deliver: ${toFactoryError(error).message}`);
      }
    }
    return 'end';
  },
  onFailure: {},
  afterStop: true,
};

/** Places the file and approves the image. What is replaced goes only after that (F4). Fails with `disk.…`. */
async function deliver(context: PipelineContext, image: PipelineImage, finished: Marked): Promise<void> {
  const started = performance.now();
  const { generation, variation } = image;
  const name = deliveredName(context.label, shortId(context.jobId), generation, variation, finished.type);
  const hash = sha256(finished.bytes);
  const sidecar = finished.sidecar && sha256(finished.sidecar);
  const before = image.unfinished.placing;
  // A process that died between the file and its row has left the file behind: the same one is taken over.
  const again = before !== null && before.name === name && before.sha256 === hash;
  if (before !== null && !again) await removePlaced(context, before);
  if (!again) {
    await context.journal.write((db) =>
      context.journal.change(db, image, {
        unfinished: { ...image.unfinished, placing: { name, sha256: hash, sidecar } },
      }),
    );
  }
  const file = await context.files.place(context.folders.output, name, finished.bytes, {
    adoptIdentical: again,
  });
  const path = toStored(context.files.root, file);
  const sidecarPath = finished.sidecar && (await placeSidecar(context, file, finished.sidecar));
  const thumbnailPath = await writeThumbnail(context, image, finished.thumbnail);
  const timings: Partial<Record<Stage, number>> = {
    ...finished.timings,
    deliver: performance.now() - started,
  };
  const { path: pathBefore, sidecarPath: sidecarBefore } = image;
  await context.journal.approved(image, {
    path,
    sidecarPath,
    signature: finished.signature,
    thumbnailPath,
    width: finished.width,
    height: finished.height,
    bytes: finished.bytes.length,
    processing: processingOf(context.settings),
    timings,
    unfinished: {
      ...nothingUnfinished,
      replaces: pathBefore === path ? null : pathBefore,
      replacesSidecar: sidecarBefore === sidecarPath ? null : sidecarBefore,
    },
  });
  tellOfSignature(context, image, finished);
}

/** Beside the file and named after it: `cat.png.xmp`. */
async function placeSidecar(context: PipelineContext, file: string, bytes: Uint8Array): Promise<string> {
  const name = `${basename(file)}${sidecarEnding}`;
  return toStored(
    context.files.root,
    await context.files.place(context.folders.output, name, bytes, { adoptIdentical: true }),
  );
}

const sidecarEnding = '.xmp';

function tellOfSignature({ journal }: PipelineContext, image: PipelineImage, { signature }: Marked): void {
  if (signature === null) return;
  const name = imageByPlace(image);
  const { sidecarPath } = image;
  const told =
    signature === 'removed'
      ? messages.signatureRemoved({ image: name })
      : sidecarPath === null
        ? messages.signatureKept({ image: name })
        : messages.signatureKeptBeside({ image: name, path: sidecarPath });
  journal.log('info', told, image.id);
}

/** Files that a delivered image no longer needs; their names stay in the row until they are gone. */
export async function removeLeftovers(context: PipelineContext, image: PipelineImage): Promise<void> {
  const { replaces, replacesSidecar } = image.unfinished;
  const leftovers = [image.cutoutPath, replaces, replacesSidecar];
  if (leftovers.every((stored) => stored === null)) return;
  for (const stored of leftovers) {
    if (stored === null || stored === image.path || stored === image.sidecarPath) continue;
    await context.files.remove(stored);
  }
  await context.journal.write((db) =>
    context.journal.change(db, image, { cutoutPath: null, unfinished: nothingUnfinished }),
  );
}

/** Removes a file that was placed for a row that never named it: only one with exactly these bytes. */
async function removePlaced(
  { files, folders }: Pick<PipelineContext, 'files' | 'folders'>,
  placed: { name: string; sha256: string; sidecar: string | null },
): Promise<void> {
  // The row is outside data: only the name that a delivery gives is ours.
  if (safeName(placed.name) !== placed.name || !mayBe(placed.name, 'picture')) return;
  await files.inImageFolder(folders.output, async (folder) => {
    for (let number = 1; ; number += 1) {
      const name = numbered(placed.name, number);
      const hash = await hashOfFile(folder, name);
      if (hash === null) return;
      if (hash !== placed.sha256) continue;
      await removeFile(folder, name);
      const sidecar = `${name}${sidecarEnding}`;
      if (placed.sidecar !== null && (await hashOfFile(folder, sidecar)) === placed.sidecar) {
        await removeFile(folder, sidecar);
      }
      return;
    }
  });
}

async function hashOfFile(folder: HeldFolder, name: string): Promise<string | null> {
  const bytes = await readBytes(folder, name).catch(() => null);
  return bytes && sha256(bytes);
}

/** The settings that made a delivered file. */
export function processingOf(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([key]) =>
        key.startsWith('processing.') ||
        key.startsWith('ai.') ||
        key.startsWith('metadata.') ||
        key === 'provider.backgroundRemoval',
    ),
  );
}
