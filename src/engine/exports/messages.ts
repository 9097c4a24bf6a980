/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('exports', {
  cancelled: 'The export was cancelled; no file was left behind.',
  failed: 'The export to {path} failed: {reason}',
  imagesDeleted: 'Images of the job were deleted while it was exported. Export it again.',
  noFiles:
    'None of the chosen images has a file in the workspace or in the folders that its settings name, so there is nothing to export.',
  noneChosen: 'No image is chosen, so there is nothing to export.',
  noneExported: 'None of the jobs could be exported.',
  noneExportedBecause: 'None of the jobs could be exported: {first}',
  unreadable: '{path} could not be read for the export.',
});
