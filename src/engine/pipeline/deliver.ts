/** Step "deliver": the finished file gets its name in the output folder, then its row says so (P3, P11). */
import { createHash } from 'node:crypto';
import { readFile, rm, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { deliveredName, numbered, placeNew, resolveStored, toStored } from '../images/files.ts';
import { toFactoryError } from '../model/errors.ts';
import { shortId } from '../model/label.ts';
import type { Stage } from '../model/status.ts';
import type { Settings } from '../settings/settings.ts';
import { writeThumbnail } from './download.ts';
import type { Marked } from './markPicture.ts';
import { folderList, nameOf, nothingUnfinished } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';
import { messages } from './messages.ts';

export const delivery: Step<'deliver'> = {
  stage: 'deliver',
  applies: () => true,
  async run({ work, picture, finished }) {
    // A delivered picture whose pixels stay as they are: only its words were missing.
    if (finished === null) await work.journal.approved(picture, {});
    else {
      await deliver(work, picture, finished);
      try {
        await removeLeftovers(work, picture);
      } catch (error) {
        // The picture is delivered; its row still names what could not be removed.
        work.journal.debug(picture.id, `deliver: ${toFactoryError(error).message}`);
      }
    }
    return 'end';
  },
  onFailure: {},
  afterStop: true,
};

/** Places the file and approves the picture. What is replaced goes only after that (F4). Fails with `disk.…`. */
async function deliver(work: Work, picture: Picture, finished: Marked): Promise<void> {
  const started = performance.now();
  const { generation, variation } = picture;
  const name = deliveredName(work.label, shortId(work.jobId), generation, variation, finished.type);
  const sha256 = hashOf(finished.bytes);
  const sidecar = finished.sidecar && hashOf(finished.sidecar);
  const before = picture.unfinished.placing;
  // A process that died between the file and its row has left the file behind: the same one is taken over.
  const again = before !== null && before.name === name && before.sha256 === sha256;
  if (before !== null && !again) await removePlaced(work, before);
  if (!again) {
    await work.journal.write((db) =>
      work.journal.change(db, picture, {
        unfinished: { ...picture.unfinished, placing: { name, sha256, sidecar } },
      }),
    );
  }
  const file = await placeNew(work.folders.output, name, finished.bytes, { adoptIdentical: again });
  const path = toStored(work.root, file);
  const sidecarPath = finished.sidecar && (await placeSidecar(work, file, finished.sidecar));
  const thumbnailPath = await writeThumbnail(work, picture, finished.thumbnail);
  const timings: Partial<Record<Stage, number>> = {
    ...finished.timings,
    deliver: performance.now() - started,
  };
  const { path: pathBefore, sidecarPath: sidecarBefore } = picture;
  await work.journal.approved(picture, {
    path,
    sidecarPath,
    signature: finished.signature,
    thumbnailPath,
    width: finished.width,
    height: finished.height,
    bytes: finished.bytes.length,
    processing: processingOf(work.settings),
    timings,
    unfinished: {
      ...nothingUnfinished,
      replaces: pathBefore === path ? null : pathBefore,
      replacesSidecar: sidecarBefore === sidecarPath ? null : sidecarBefore,
    },
  });
  tellOfSignature(work, picture, finished);
}

/** Beside the file and named after it: `cat.png.xmp`. */
async function placeSidecar(work: Work, file: string, bytes: Uint8Array): Promise<string> {
  const name = `${basename(file)}${sidecarEnding}`;
  return toStored(work.root, await placeNew(work.folders.output, name, bytes, { adoptIdentical: true }));
}

const sidecarEnding = '.xmp';

function tellOfSignature({ journal }: Work, picture: Picture, { signature }: Marked): void {
  if (signature === null) return;
  const image = nameOf(picture);
  const { sidecarPath } = picture;
  const told =
    signature === 'removed'
      ? messages.signatureRemoved({ image })
      : sidecarPath === null
        ? messages.signatureKept({ image })
        : messages.signatureKeptBeside({ image, path: sidecarPath });
  journal.log('info', told, picture.id);
}

/** Files that a delivered picture no longer needs; their names stay in the row until they are gone. */
export async function removeLeftovers(work: Work, picture: Picture): Promise<void> {
  const { replaces, replacesSidecar } = picture.unfinished;
  const leftovers = [picture.cutoutPath, replaces, replacesSidecar];
  if (leftovers.every((stored) => stored === null)) return;
  for (const stored of leftovers) {
    if (stored === null || stored === picture.path || stored === picture.sidecarPath) continue;
    await rm(await resolveStored(work.root, folderList(work), stored), { force: true });
  }
  await work.journal.write((db) =>
    work.journal.change(db, picture, { cutoutPath: null, unfinished: nothingUnfinished }),
  );
}

/** Removes a file that was placed for a row that never named it: only one with exactly these bytes. */
async function removePlaced(
  work: Pick<Work, 'folders'>,
  placed: { name: string; sha256: string; sidecar: string | null },
): Promise<void> {
  // The row is outside data: only a bare name in the output folder is ours.
  if (/[/\\]/.test(placed.name)) return;
  for (let number = 1; ; number += 1) {
    const file = join(work.folders.output, numbered(placed.name, number));
    const hash = await hashOfFile(file);
    if (hash === null) return;
    if (hash === placed.sha256) {
      await unlink(file);
      const sidecar = `${file}${sidecarEnding}`;
      if (placed.sidecar !== null && (await hashOfFile(sidecar)) === placed.sidecar) await unlink(sidecar);
      return;
    }
  }
}

async function hashOfFile(file: string): Promise<string | null> {
  const bytes = await readFile(file).catch(() => null);
  return bytes && hashOf(bytes);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
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
