/** What people are told by this room. */
import { defineMessages } from '../engine/model/message.ts';

export const messages = defineMessages('extension', {
  noFinishedFile: 'This export has no finished file to show.',
  noSuchFile: 'This job was made without such a file.',
  placeGone: 'The chosen place is no longer known. Choose the file again.',
  noFileYet: 'This image has no file yet. It gets one when its job delivers it.',
  fileOutside: 'The file of this image lies outside the folders of this workspace, so it is not opened.',
});
