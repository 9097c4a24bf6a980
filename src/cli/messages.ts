/** What people are told by this room. */
import { defineMessages } from '../engine/model/message.ts';

export const messages = defineMessages('cli', {
  aCount: '1 to {most} rows',
  anExistingFile: 'an existing file',
  brokenJson: '{file}, line {line}, column {column}: the JSON is broken ({reason}).',
  from: '{problem} (from {origin})',
  missing: '{file} does not exist.',
  noFile: '{file} is no file, so it is not read.',
  noObject:
    '{file}, line {line}, column {column}: the settings are no object. Use one JSON object of keys and values.',
  noValue: '--set {text} has no value. Write --set {text}=VALUE.',
  nothingChanged: 'Nothing was changed.',
  oneObject: 'one JSON object',
  onlyTwoSettings:
    'A job goes on with the settings that it started with; only budget.maxCostPerJob and provider.backgroundRemoval may be changed.',
  processingOnly: 'A retry changes processing settings only.',
  tooLarge: '{file} has more than 4 MB, so it is not read.',
  tooManyRows:
    '{file} has {rows} rows; one job makes at most {most} of them. Say how many with --set generation.count=N.',
  tooManyRowsEach:
    '{file} has {rows} rows; one job makes at most {most} of them, with {variations} variations of each. Say how many with --set generation.count=N.',
  unreadable: '{file} cannot be read ({code}).',
});
