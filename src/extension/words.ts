/** Words of the engine in the window's language. */
import { env, l10n } from 'vscode';
import type { ImageRecord } from '../engine/model/image.ts';
import { momentFormat } from '../engine/model/moment.ts';
import { imageStatusLabel } from '../engine/model/status.ts';

/** "QC Failed", "Download Failed", … */
export function imageStatusWords({ status, failure }: Pick<ImageRecord, 'status' | 'failure'>): string {
  return l10n.t(imageStatusLabel(status, failure));
}

/** A moment (UTC ms) as the views write it. */
export function momentWords(at: number): string {
  return momentFormat(env.language).format(at);
}
