/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('keywords', {
  atMostRows: 'at most {limit} rows',
  builtInTemplate: 'The built-in template',
  cellCount: '{count} cells',
  commas: 'commas',
  csvEmpty:
    '{path} is empty. Write a header row with the names of the columns, and one row for each image idea.',
  emptyCell: '1 row has an empty cell in "{column}", which the prompt uses; the first is in line {line}.',
  emptyCells:
    '{count} rows have an empty cell in "{column}", which the prompt uses; the first is in line {line}.',
  headerOnly: '{path} has a header but no rows. Write one row for each image idea.',
  moreProblems: '{path} has {more} more problems.',
  namedTwice:
    '{path}, line {line}: the header names "{name}" twice, in columns {first} and {second}. Rename one.',
  namesNoColumn:
    "The prompt names no column, so that all {rows} rows get the same instructions. Write {example} where the row's value belongs.",
  noName: '{path}, line {line}: column {column} of the header has no name. Name it or remove the column.',
  notClosed:
    '{file}, line {line}, column {column}: {open} is not closed by {close}. Close it, or write {escaped} for the characters themselves.',
  notUtf8: '{path} is not UTF-8: byte 0x{hex} at byte offset {offset}. Save the file as UTF-8.',
  oneCell: '1 cell',
  oneOf: 'one of {list}',
  otherEncoding: '{path} is {encoding}, by its mark at byte offset 0. Save the file as UTF-8.',
  otherPlaceholder: '{written} is sent as it stands. Write {replacement} for the value of the column.',
  promptEmpty: '{path} is empty. Write the instructions into it, or choose no file to use the built-in ones.',
  quoteMisplaced:
    '{path}, line {line}: a quote stands where none may. Put the whole cell in quotes and write each quote inside it twice.',
  quoteOpen: '{path}, line {line}: a quote that opens in this row is never closed.',
  remark: '1 keyword begins with #. Each makes images like any other; remove those that are remarks.',
  remarks: '{count} keywords begin with #. Each makes images like any other; remove those that are remarks.',
  rowTooLong: '{path}, line {line}: the row is longer than a million characters. Is a quote never closed?',
  semicolons: 'semicolons',
  tabs: 'tabs',
  tooLarge: '{path} has {size} MB. Use a file of at most {most} MB.',
  tooManyRows: '{path} has more than {limit} rows. Split it.',
  txtEmpty: '{path} is empty. Write one keyword on each line.',
  unknownColumn:
    '{file}, line {line}, column {column}: the keyword file has no column "{name}". The columns are {list}.',
  unknownColumnNear:
    '{file}, line {line}, column {column}: the keyword file has no column "{name}". Did you mean {near}?',
  utf8: 'UTF-8 text',
  wrongCells:
    '{path}, line {line}: the row has {cells}, the header has {columns}. Cells are separated by {separator}: put a cell that holds one in quotes.',
  zeroByte: '{path} holds a zero byte at byte offset {offset}. Save the file as UTF-8.',
});
