/** What people are told by this room. */
import { defineMessages } from './message.ts';

export const messages = defineMessages('model', {
  cancelled: 'The work was cancelled.',
  full: 'There is no space left on the disk to write {path}. Free some space, then go on.',
  imageLeftOut: '1 image was left out because it has no file that can be read.',
  imagesLeftOut: '{count} images were left out because they have no file that can be read.',
  jobLeftOut: '1 job could not be exported; export_summary.txt says why.',
  jobsLeftOut: '{count} jobs could not be exported; export_summary.txt says why.',
  unwritable:
    '{path} could not be written ({reason}). Check that the folder exists and that you may write to it.',
});
