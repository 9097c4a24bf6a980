/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('runner', {
  approving: 'Approving {image}.',
  begins: '{images} to make from {prompts}.',
  beginsWithMore: '{images} to make from {prompts}. {waiting} to finish.',
  ended: 'Job {status}: {approved} of {planned} approved, {failed} failed, {cost}, {duration}.',
  endedBecause:
    'Job {status}: {approved} of {planned} approved, {failed} failed, {cost}, {duration}. {reason}',
  ending: 'The run is ending.',
  nothingMade: 'No image was made.',
  nothingMadeBecause: 'No image was made. {label}: {reason}',
  overBudget:
    'The next call may cost {next}, and {spent} of the budget of {limit} is spent. Raise "Budget per Job" and resume, or stop the job.',
  retrying: 'Retrying {image}.',
  unknownPrice:
    'The price of the next call is not known, and {spent} of the budget of {limit} is spent. Raise "Budget per Job" and resume, or stop the job.',
});
