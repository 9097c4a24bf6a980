/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('factory', {
  alreadyQueued: '"{label}" is already running or in the queue.',
  busy: '"{title}" is running in this workspace. Wait until it has ended, or stop it.',
  busyElsewhere: 'Another window or command works in this workspace. Wait until it has ended, or stop it.',
  changesUnread: 'What another window or command changed could not be read: {reason}',
  goesOnAlready: '"{title}" does not stand still any more.',
  imageNotFree: 'The image {id}{more} {why}.',
  imagesOfSeveralJobs:
    'The images are of {jobs} jobs. Original settings are possible for images of one job; choose fewer, or modify the settings.',
  inQueue: '"{label}" is already in the queue.',
  labelEmpty: 'Job Label: give the job a name of 1 to 120 characters.',
  labelLength: '1 to 120 characters',
  noImageChosen: 'No image is chosen.',
  noImageToGenerate: 'No image is chosen to generate again.',
  noJobToExport: 'No job is chosen to export.',
  noJobToRerun: 'No job is chosen to run again.',
  notChecked: 'The store could not be checked: {reason}',
  notEnded: '"{label}" is {status}; wait until it has ended.',
  notResumable: '"{label}" is {status}; only a paused, stopped or interrupted job can be resumed.',
  notTidied: 'The trash could not be tidied: {reason}',
  ownerUnseen: 'It could not be seen who works in this workspace: {reason}',
  readOnly: 'The store of this workspace can only be read.',
  slotDidNotFail:
    'Generation {generation}, variation {variation} of "{label}" did not fail, so it is not generated again.',
  startKept: 'A start that failed could not be taken back: {reason}',
  storeDamaged: 'The store is damaged: {problems}',
  tagTooLong: 'The tag "{tag}…" is longer than {limit} characters.',
  textTooLong: '{label} has {length} characters; at most {limit} are possible.',
  thumbnailUnseen: 'A thumbnail could not be looked for: {reason}',
  thumbnailsNotMade: 'Thumbnails could not be made again: {reason}',
  tooManyTags: '{count} tags are too many; at most {limit} are possible.',
  untrusted:
    'This workspace is not trusted: its history can be seen, but no job can be planned or started and nothing changed.',
});
