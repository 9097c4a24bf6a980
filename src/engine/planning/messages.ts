/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('planning', {
  aChosenFolder: 'a folder inside the workspace folder, or one that you have chosen',
  aFileInside: 'a file inside the workspace folder',
  aFileOfSize: 'a file of at most 32 MB',
  aFolderInside: 'a folder inside the workspace folder',
  aFolderWithoutLinks: 'a folder without links',
  aPath: 'a path inside the workspace folder, or a full path',
  aReadableFile: 'a readable file',
  aTextFile: 'a text file',
  aWritableFolder: 'a folder that can be written',
  allRowsDone:
    'Every row of {path} already has an approved image from this template. Start without "Only rows not done yet" to make more.',
  anExistingFile: 'an existing file',
  changedSince: '{path} has changed since the original job ran.',
  copyUsed: '{path} does not exist any more: the copy kept with the original job is used.',
  costsMore:
    'This would now cost at most {now}, and {agreed} was agreed to. Look at the estimate, then start it again.',
  fileForbidden: '{label}: {path} may not be read. Change its permissions or choose another file.',
  fileMissing: '{label}: {path} does not exist. Choose another file or create it.',
  fileTooLarge: '{label}: {path} has {size} MB; at most 32 MB can be used.',
  fileUnreadable: '{label}: {path} cannot be read ({reason}).',
  folderIsFile: '{label}: {path} is a file, not a folder.',
  folderIsLink: '{label}: {path} is a link. Give the path of the folder that it leads to.',
  folderNotChosen:
    '{label}: {path} lies outside the workspace folder, and nobody has chosen it on this computer. Choose it in the settings editor or in your user settings.',
  folderOfStore: '{label}: {path} is the folder of the store and its trash. Choose another folder.',
  folderOnReadOnlyDisk: '{label}: {path} lies on a disk that can only be read. Choose another folder.',
  folderProtected: '{label}: {path} belongs to source control or to the store. Choose another folder.',
  folderUnwritable: '{label}: {path} cannot be written. Choose another folder.',
  hintInFile: '{file}: {hint}',
  hintInLine: '{file}, line {line}, column {column}: {hint}',
  keywordsFile: 'a .txt file with one keyword per line or a .csv file with a header row',
  leadsOut: '{label}: "{path}" leads out of the workspace folder. Use {allowed}.',
  linkToFileOutside: '{label}: {path} is a link to a file outside the workspace folder.',
  linkToFolderOutside:
    '{label}: {path} is a link to a folder outside the workspace folder. Give the full path of that folder.',
  makesDrawings: '{model} makes SVG, which is delivered as it is: {steps} will be skipped.',
  modelUnknown: '{model} is not in the list of models: its price and limits are not known here.',
  moreHints: '{more} more such places.',
  noFile: '{label}: {path} is no file.',
  noFileChosen: '{label}: no file is chosen. Choose {allowed}.',
  noKey:
    'There is no {provider} API key. Set it with "Set API Key…", or in the environment variable {variable}.',
  noRow: '{path} has no row {row}: it has {rows} rows.',
  noRowChosen: 'No row is chosen. Choose at least one.',
  notSent: '{model} does not take: {labels}. They are not sent.',
  oneRow: 'one row or more',
  problems: 'The job cannot start: {count} problems.\n{list}',
  rowsTo: 'rows 1 to {rows}',
  textModelUnknown: '{model} is not in the list of models: its price is not known here.',
});
