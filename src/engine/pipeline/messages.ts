/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('pipeline', {
  answerLost:
    'The answer of {service} was lost and may be billed. It was not sent again; check your usage there, then decide.',
  emptyPrompt: 'The text model answered with an empty prompt.',
  ending: 'The run is ending.',
  failed: '{image}: {label}: {reason}',
  failedCheck: '{image} failed the quality check: {reason}',
  failedSoftly: '{image}: {label}, going on without it: {reason}',
  fewerImages: 'The provider delivered fewer images than asked for.',
  fileUnreadable: 'The file {stored} cannot be read; it may have been moved or deleted.',
  flagged: 'The provider marked the image as unsafe. Look at it, then approve or delete it.',
  generated: '{image} was generated.',
  nextTry: '{service} does not answer as hoped; next try in {seconds} s.',
  noAddress: 'The address of the image is not known any more.',
  noLook: 'The original image cannot be looked at.',
  noRemover: 'No background remover is ready. Set its key or choose another one.',
  originalMissing: 'The original image is missing.',
  originalUnreadable: 'The original image {stored} cannot be read; it may have been moved or deleted.',
  passedCheck: '{image} passed the quality check.',
  promptWritten: 'Wrote the prompt of generation {generation} from row {row}.',
  saved: '{image} was saved as {path}.',
  signatureKept:
    '{image} was signed by its provider (C2PA). The signature was kept, because the file stays as it is.',
  signatureKeptBeside:
    '{image} was signed by its provider (C2PA). The signature was kept, because the file stays as it is. Its mark as generated lies beside it in {path}.',
  signatureRemoved:
    '{image} was signed by its provider (C2PA). The signature was removed, because the image was changed.',
  skipped: '{image} is a vector drawing: {list} does not apply to it.',
  takenOver: 'Another window or terminal has taken this workspace over; it goes on with the work.',
});
