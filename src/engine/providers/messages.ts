/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('providers', {
  addressNotAllowed:
    '{service} named an address for an image that is not allowed ({where}). It was not opened.',
  answerLost:
    'The answer of {service} to {what} was lost and may be billed: {message} It was not sent again; check your usage there, then decide.',
  answerTooLarge: '{service} sent more than {megabytes} MB. The rest was not read.',
  answeredStatus: '{service} answered with status {status}.{says}',
  cancelled: 'The work was cancelled.',
  certificate:
    'The certificate of {service} ({host}) is not trusted here ({code}). If a proxy inspects traffic, give its certificate to Node with NODE_EXTRA_CA_CERTS or set HTTPS_PROXY.',
  compatibleGoOn: '{notice} Compatible services under their own address go on.',
  contentRefused: '{service} refused this content ({code}). Change the prompt.{says}',
  cutOff: 'The answer of {model} was too long and was cut off.',
  declined: 'The model {model} declined to answer.{says} Change the prompt.',
  downloadRefused: 'The image host of {service} refused the download (status {status}).',
  ended:
    '{service} ended its {what}. Choose another background remover, or a compatible service as its address. ({words})',
  fewCredits: 'The {service} account has too few credits ({code}). Add credits, then resume.{says}',
  filtered: 'The content filter of {service} stopped the answer of {model}. Change the prompt.',
  hostBusy: 'The image host of {service} has too many requests at the moment.',
  hostDown: 'The image host of {service} could not answer (status {status}).',
  hostSilent: 'The image host of {service} sent nothing.',
  imageGone: 'The image host of {service} no longer has the image (status {status}).',
  imageNotRead: '{service} could not read this image ({code}).{says}',
  imageNotTaken:
    '{service} could not take the image ({code}). Lower the setting for the size of images sent to the model.{says}',
  imageRefused: '{service} refused this image ({code}).{says}',
  imageTooLarge: 'The image from {service} is larger than {megabytes} MB. It was not taken.',
  keyInvalid: '{service} refused the key ({code}). Set a valid key, then resume.{says}',
  keyRefused: '{service} refused the key (status {status}).{says} Set another one.',
  limitsUnknown: 'The limits of model {model} are not known here; {size} may be refused by the provider.',
  modelEnded: '{service} does not offer the model {model} ({code}). {notice}{says}',
  modelNotAllowed:
    '{service} does not let this account use {model} ({code}). Check the project, the country and the verification of the organisation, or choose another model.{says}',
  modelNotThere:
    '{service} does not offer the model {model} ({code}). Choose another model in the settings, or check the address of the service.{says}',
  moved: '{service} has moved (status {status}). Choose another background remover.{says}',
  noAnswer: '{service} could not answer ({code}).{says}',
  noCredit: 'The {service} account has no credit left ({code}). Add credit there, then resume.{says}',
  noCreditOrLimit:
    'The {service} account has no credit left ({code}). Add credit or raise its limit, then resume.{says}',
  noImages: '{service} sent an answer without images.',
  noKey: 'There is no {provider} API key. Set one, or choose another provider.',
  noRole: '{provider} has no {role}.',
  noService: 'There is no service behind {provider}.',
  noTaskName: '{service} accepted the task without naming it.',
  noValidAddress: '{service} named no valid address for an image.',
  notAnUrl: 'The address of {service} is not a valid URL.',
  notHttps: 'The address of {service} must begin with https:// (http:// only on this computer).',
  notMade: '{service} could not make the images ({name}).{says}',
  nothingToCutOut: '{service} found nothing to cut out in this image ({code}).{says}',
  oddKey: 'The {provider} API key holds spaces or other characters that no key has. Set it again.',
  oddStatus: '{service} answered with the status {status}.',
  oneOf: 'one of {list}',
  parameterRefused:
    '{service} refused the parameter {parameter} for {model} ({code}). Change the setting.{says}',
  privateAddress:
    '{service} named an address that leads to {host}, which is not on the public internet. It was not opened.',
  promptRefused: '{service} refused this prompt ({name}). Change the prompt.{says}',
  promptRefusedOnly: '{service} refused this prompt. Change the prompt.{says}',
  promptTooLong: 'The prompt has {length} characters; the model {model} takes at most {most}. Shorten it.',
  proxyNotAnUrl: 'HTTPS_PROXY is not a valid URL. Correct or remove it.',
  proxyRefuses:
    'The proxy {host} does not let {service} through: {reason}. Check HTTPS_PROXY and its password.',
  rateLimited: '{service} has too many requests at the moment.{says}',
  rateLimitedFor: '{service} has too many requests at the moment ({code}).{says}',
  removerEnded:
    '{name} ended its {what} on {day}: background removal fails with it. Choose another Background Remover.',
  removerEnds:
    '{name} ends its {what} on {day}: a job that still runs then, or is resumed later, fails at background removal.',
  removesNoMore:
    '{service} no longer removes backgrounds at this address ({code}). Choose another background remover.{says}',
  requestRefused: '{service} refused the request (status {status}).{says}',
  requestRefusedFor: '{service} refused the request for {model} (status {status}, {code}).{says}',
  sides: 'sides from {min} to {max} in multiples of {step}',
  sidesAndAspect: 'sides from {min} to {max} in multiples of {step}, at most {aspect}:1',
  silentHere: '{service} does not answer here.',
  switchedOff: 'The provider switched {model} off on {day}.',
  switchesOff: 'The provider switches {model} off on {day}.',
  taskEmpty: '{service} finished the task without images.',
  taskOverdue: '{service} still works on the task {task}; the time for it is over.',
  taskUnknown: '{service} does not know this task (status {status}).{says}',
  textTooLong: 'The text is too long for {model} ({code}). Shorten the prompt file or the row.{says}',
  timedOut: '{service} ({host}) {what}.',
  tooLargeFor: 'The image is too large for {service} ({code}).{says}',
  tooManyRedirects:
    'The address of an image from {service} leads from one address to the next more than {most} times.',
  unreachable: '{service} ({host}) cannot be reached: {reason}.',
  unreadable: '{service} sent an answer that cannot be read.',
  useInstead: '{notice} Use {replacement} instead.',
  userInUrl: 'The address of {service} must not contain a user name.',
  wrongForm: 'The answer of {model} does not have the asked form ({problem}).',
});
