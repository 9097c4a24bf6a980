/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('store', {
  alone:
    'This folder lies on a drive where the store cannot be shared: only one window or command can use it at a time.',
  aloneToo: '{notice} {alone}',
  ambiguous: '"{id}" fits more than one {noun}: {ids}. Give more characters.',
  changesNotTold: 'Other windows cannot be told of changes: {reason}',
  closed: 'The store is closed.',
  closing: 'The store is being closed.',
  damaged: 'The store {path} is damaged. Reload the window: it is then set aside and a fresh one is opened.',
  damagedRow: 'Its row in the store is damaged ({columns}). It can be deleted; nothing works with it.',
  damagedAndHeld:
    'The store {path} is damaged and could not be set aside, because another program uses it. Close other windows on this folder, then try again.',
  deletingElsewhere: 'Another window is deleting in this workspace. Try again when it is done.',
  folderUnwritable:
    'The folder {folder} cannot be written, so nothing can be stored for this workspace. Check its permissions.',
  foreignHistory:
    'The history in this folder comes from elsewhere: it can be looked at, and nothing of it goes on. Adopt it to work with it.',
  foreignPart: 'it has a foreign {type}, {name}',
  full: 'There is no space left on the disk for the store {path}. Free some space, then go on.',
  fullCheckFailed: 'the full check found errors',
  growsWithoutEnd: '{file} grows without end',
  heartbeatLost: 'The heartbeat could not be written: {reason}',
  held: 'Another program holds the store {path}. Close what uses it, then try again.',
  imageBusy: 'The image {id} is being worked on. Delete it when that is done.',
  imageGone: 'The image is no longer in this workspace.',
  isDamaged: 'The store of this workspace is damaged ({problem}), so its history cannot be shown.',
  isEmpty: 'it is empty',
  isLink: '{folder} is a link',
  jobGone: 'The job is no longer in this workspace.',
  jobInTrash: 'The job of these images was deleted too. Undo that deletion first.',
  jobRetries: 'Images of the job "{label}" are being retried. Delete it when that is done.',
  jobRuns: 'The job "{label}" is running. Stop it before it is deleted.',
  largerThanAllowed: '{file} is larger than 4 GB',
  leaseFileLost: 'lease.json could not be written: {reason}',
  leaseRowMissing: 'its lease row is missing',
  libraryNotLoaded: 'The database library could not be loaded on {platform}: {reason}',
  link: '{link} is a link, so nothing is stored there. Remove it, then try again.',
  listenerFailed: 'A listener failed at a "{kind}" event: {reason}',
  logNotWrittenBack: "The store's log could not be written back: {reason}",
  newerHistory:
    'The history in this folder was written by a newer version of Gen Image Factory. Update the extension to see it.',
  newerStore:
    'The store of this workspace was written by a newer version of Gen Image Factory. It is open for reading only. Update the extension to start jobs.',
  noCall: 'There is no call "{id}" in the ledger.',
  noCopy: 'The copy of this file is not in the store.',
  noDeletion: 'There is no such deletion in the trash.',
  noLeaseRow: 'The store has lost its lease row.',
  noLibrary:
    "There is no database library for this platform ({platform}). Install the extension's build for {platform}.",
  noPage: 'This list has no such page. Start again from its first page.',
  noRun: 'There is no run "{id}" in this workspace.',
  noSettings: 'The settings of job "{id}" are missing.',
  noSpaceToMove:
    'There is no space left to move {path}. Free some space; it is then moved at the next start.',
  noStoreOfOurs: 'it is not a store of this program',
  noWayBack:
    'The place of {path} is a link or lies outside of this workspace now, so nothing was brought back. Restore its folder, then try again.',
  nodeTooOld:
    'The store needs Node.js 22.14 or newer (Node-API {needed}); this is Node.js {node} (Node-API {found}). Update VS Code or Node.js.',
  noneEndsSo: 'There is no {noun} "{id}". Give its whole id, or at least the last {shortest} characters.',
  noneIs: 'There is no {noun} "{id}" in this workspace.',
  notAskedAnyMore: 'The question is no longer asked.',
  notCheckable: 'it cannot be checked',
  notInTrash:
    'What was deleted is no longer in the trash of this workspace: it was brought back already, or deleted for good.',
  notLookedAt: 'it could not be looked at',
  notLookedThrough: 'it could not be looked through in time',
  notMoved: '{path} could not be moved ({code}). Close what uses it; it is then moved at the next start.',
  notOpened: 'The store cannot be opened: {problem}. Try again.',
  notRegular: '{file} is not a regular file',
  notTaken: 'The store did not take a change: {message} ({code}).',
  oldSystem:
    'The database library needs a newer system library ({library}). Use a system with a newer glibc, or a container with one.',
  olderStore:
    'The store of this workspace is of an older version. Open the folder with write access once to update it.',
  openForReading: 'The store of this workspace is open for reading only.',
  openedForLong:
    'Another window or command has been opening the store of this workspace for long. Try again.',
  partIsOther: 'its part {name} is another one',
  partMissing: 'its part {name} is missing',
  readOnlyFile: 'The store {path} can only be read. Check its permissions.',
  readerEnded: 'The thread that reads the store has ended. Try it again.',
  reasonLost: 'The reason was lost.',
  shortened: 'it was cut from {whole} to {size} bytes',
  strayRow: 'a row of {table} belongs to nothing',
  takenOver: 'Another window or command has taken this workspace over, so this one stops its work.',
  takesMemory: 'it takes too much memory to be looked through',
  unreadable: 'The store {path} cannot be read or written ({code}). Check the disk and the permissions.',
  unusable:
    'The store of this workspace was damaged or is not of this program ({problem}), so its history cannot be shown.',
  unusableAndKept:
    'The store of this workspace was damaged or is not of this program ({problem}). It was kept as {kept}, and a fresh store was opened. Images on the disk are untouched.',
  wasDamaged:
    'The store of this workspace was damaged ({problem}). It was kept as {kept}, and a fresh store was opened. Images on the disk are untouched.',
});
