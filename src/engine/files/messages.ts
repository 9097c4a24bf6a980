/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('files', {
  folderOutside:
    '{path} lies outside the workspace folder and was not chosen on this computer, so nothing is written there. Choose it as output or temp directory in the settings editor or in your user settings.',
  link: '{link} is a link, so nothing is read, written or deleted there. Remove it, then try again.',
  noFolder: '{path} is no folder, so nothing is written there. Remove it, then try again.',
  noRegularFile: '{path} is no regular file, so it is not used.',
  pathOutside:
    'The stored path "{stored}" names no image in the workspace or its image folders, so it is not used.',
  tooLarge: '{path} is larger than {most} MB, so it is not read.',
});
