/** Everything about settings. */
export type {
  Condition,
  Option,
  SettingDefinition,
  SettingForm,
  SettingScope,
  SettingSection,
} from '../model/settingDefinition.ts';
export { settingSections } from '../model/settingDefinition.ts';
export type { AnySettingKey, HostSettingKey, HostSettings, SettingKey, Settings } from './schema.ts';
export {
  allSettingKeys,
  definitionOf,
  isSettingKey,
  settingKeyPrefix,
  settingKeys,
  settingsSchema,
} from './schema.ts';
export { isVisible } from './visibility.ts';
export { smallerBudget } from './budget.ts';
export type { LimitsOf, ModelLimits } from './check.ts';
export {
  allowedValues,
  checkSettings,
  checkValue,
  isSafeUrl,
  maxImagesPerJob,
  settingWarnings,
} from './check.ts';
export {
  cutoutKey,
  imageModelOf,
  imageQualityOf,
  imageSetting,
  imageSizes,
  setImageOptions,
  textModelOf,
  trialSettings,
} from './chosen.ts';
export { defaultHostSettings, defaultSettings, parseSettings, unknownKey, valueFromText } from './parse.ts';
export type { LoraModel, Size } from './grammar.ts';
export { parseAspectRatios, parseDimensions, parseLora } from './grammar.ts';
export type { SettingDifference } from './snapshot.ts';
export {
  differences,
  providerLabel,
  sameValue,
  settingsAsRun,
  shownSetting,
  snapshotOf,
  storedSettings,
} from './snapshot.ts';
