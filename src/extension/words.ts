/** Words of the engine in the window's language. */
import { env, l10n } from 'vscode';
import type { ImageRecord } from '../engine/model/image.ts';
import { imageName } from '../engine/model/imageName.ts';
import type { JobSummary } from '../engine/model/job.ts';
import { momentFormat } from '../engine/model/moment.ts';
import { shortenLine } from '../engine/model/shorten.ts';
import { slotName } from '../engine/model/slot.ts';
import { imageStatusLabel } from '../engine/model/status.ts';

/** "QC Failed", "Download Failed", … */
export function imageStatusWords({ status, failure }: Pick<ImageRecord, 'status' | 'failure'>): string {
  return l10n.t(imageStatusLabel(status, failure));
}

/** More of a name is in the hover, the viewer and the job. */
const longestName = 100;

/** What an image is called, on one line; one without a name by its place in the job. */
export function imageNameWords(image: ImageRecord): string {
  return shortenLine(imageName(image) ?? l10n.t('Image {0}', slotName(image)), longestName);
}

/** What a job is called in a question. */
export function jobNameWords({ label }: Pick<JobSummary, 'label'>): string {
  return shortenLine(label, longestName);
}

/** A moment (UTC ms) as the views write it. */
export function momentWords(at: number): string {
  return momentFormat(env.language).format(at);
}
