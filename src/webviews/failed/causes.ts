/** Why images failed, in plain words: what helps against each cause. */
import type { ErrorCode } from '../../engine/model/errors.ts';
import { errorCodes } from '../../engine/model/errors.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import type { Stage } from '../../engine/model/status.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import { remediesFor } from '../../engine/providers/remedies.ts';

const advice: Partial<Record<ErrorCode, string>> = {
  'provider.credit': 'The account of the provider has no credit. Add some there, then retry.',
  'provider.auth': 'The provider refused the key. Set it again, then retry.',
  'key.missing': 'There is no key for the provider. Set one, then retry.',
  'provider.rateLimited':
    'The provider answered that it is asked too often. Lower Parallel Generations, then retry.',
  'provider.unavailable': 'The provider was not available. Retry later.',
  'provider.badAnswer': 'The answer could not be read. Retry; another model may answer more reliably.',
  'provider.modelGone': 'The model is gone. Choose another one.',
  'provider.parameter': 'The provider does not take one of the options. Change it.',
  'provider.retired': 'The service has ended. Choose another Background Remover.',
  'network.unreachable': 'There was no way to the provider. Check the connection, then retry.',
  'network.timeout': 'The answer took too long. Retry, or raise Generation Timeout.',
  'network.proxy': 'A proxy or certificate stood in the way. See the log.',
  'content.refused': 'The provider refused the content. Edit the prompt file, or choose other rows.',
  'content.flagged': 'The provider flagged the image. Look at it and decide, or edit the prompt file.',
  'disk.full': 'The disk is full. Clean up, then retry.',
  'disk.unwritable': 'The folder cannot be written. Choose another one.',
  'image.invalid': 'The file is no complete image. Retry downloads it again.',
  'image.missing':
    'The file as the provider made it was moved or deleted. Put it back, then retry, or delete the image.',
  'image.tooLarge': 'The image is larger than can be handled. Choose smaller dimensions.',
  'answer.lost': 'The answer was lost and may be billed. Look at your usage there before you retry.',
  'budget.exceeded': 'The budget was used up. Raise it, then retry.',
};

function isErrorCode(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code);
}

/** What helps when a model declines in a step that only looks at the image: other prompts would not. */
const declined: Readonly<Record<string, string>> = {
  qualityCheck: 'The model declined to check the image. Look at it, then approve it, or retry.',
  metadata: 'The model declined to describe the image. Retry with Metadata off in Steps that fail the image.',
};

/** A sentence about a cause, or null where the reason says it all. */
export function adviceFor(reason: string, code: string): string | null {
  if (reason === 'qcFailed')
    return 'The quality check rejected these. Approve the good ones; the rest can be deleted.';
  if (code === 'content.refused' && declined[reason] !== undefined) return declined[reason];
  return isErrorCode(code) ? (advice[code] ?? null) : null;
}

/** How many generations ended without an image, by cause. */
export function slotGroups(
  slots: readonly FailedSlot[],
): readonly { stage: Stage; code: string; count: number }[] {
  const groups: { stage: Stage; code: string; count: number }[] = [];
  for (const { failure } of slots) {
    const { stage, code } = failure;
    const known = groups.find((group) => group.stage === stage && group.code === code);
    if (known === undefined) groups.push({ stage, code, count: 1 });
    else known.count += 1;
  }
  return groups;
}

/** The first remedy for a cause; trying again is what Retry is for, and the log is no cure. */
export function remedyFor(reason: string, code: string): Remedy | null {
  if (!isErrorCode(code) || (code === 'content.refused' && declined[reason] !== undefined)) return null;
  return remediesFor({ code }).find(({ kind }) => kind !== 'reload' && kind !== 'showLog') ?? null;
}
