/** What people are told of Runware alone. */
import { defineMessages } from '../../model/message.ts';

export const messages = defineMessages('runware', {
  contentRefused: "Runware's content check refused this prompt ({name}). Change the prompt.{says}",
  failed: 'Runware failed ({name}).{says}',
  idTaken: 'Runware already has a task under this id ({name}).{says}',
  keyRefused: 'Runware refused the key ({name}). Set a valid Runware key, then resume.{says}',
  modelGone: 'Runware does not offer the model {model} ({name}). Choose another model.{says}',
  noCredit: 'The Runware account has no credit left ({name}). Add credit there, then resume.{says}',
  noImage: 'Runware answered a background removal without an image.',
  overdue: 'Runware still works on the task {task}; the time for it is over.',
  parameterRefused:
    'Runware refused the parameter {named} for the model {model} ({name}). Change the setting.{says}',
  promptRefused: 'Runware refused this prompt ({name}). Shorten or change it.{says}',
  rateLimited: 'Runware has too many requests at the moment ({name}).{says}',
  requestRefused: 'Runware refused the request for the model {model} ({name}). Change the setting.{says}',
  taskUnknown: 'Runware does not know this task ({name}).{says}',
  unavailable: 'Runware could not do the work ({name}).{says}',
  unreachable:
    'Runware could not be reached (status {status}). Check the network and the address, or wait, then resume.',
  unreadable: 'Runware sent an answer that cannot be read.',
});
