/** What is wrong with settings, value by value and between values. Nothing is clamped: a bad value is named. */
import type { Problem } from '../model/errors.ts';
import { spoken } from '../model/message.ts';
import type { Message, Value } from '../model/message.ts';
import type { SettingDefinition } from '../model/settingDefinition.ts';
import { imageModelOf, imageSetting, imageSizes, vectorExampleOf } from './chosen.ts';
import { parseAspectRatios, parseDimensions, parseLora } from './grammar.ts';
import { definitionOf, settingKeys, type AnySettingKey, type SettingKey, type Settings } from './schema.ts';
import { isVisible } from './visibility.ts';
import { messages } from './messages.ts';

export const maxImagesPerJob = 10_000;

/** What the model catalogue knows of the model that makes the images. */
export interface ModelLimits {
  /** The model makes vector images and nothing else. */
  vectorOnly: boolean;
  /** `allowed` is said after "Use"; `warning` where the limits are only guessed. Pixels. */
  checkSize(
    width: number,
    height: number,
  ): { ok: true; warning: Message | null } | { ok: false; allowed: Message };
}

/** The limits of a provider's model; null where there is nothing to check. */
export type LimitsOf = (provider: Settings['provider.image'], model: string) => ModelLimits | null;

export function problemOf(key: string | null, told: Message, allowed: Message | null): Problem {
  return { key, file: null, line: null, column: null, told, allowed };
}

/** The allowed values, as said after "Use". */
export function allowedValues(definition: SettingDefinition): Message {
  switch (definition.kind) {
    case 'toggle':
      return messages.aToggle();
    case 'integer':
    case 'number': {
      const { min, max, step } = definition;
      const range =
        step === undefined ? messages.aRange({ min, max }) : messages.aRangeInSteps({ min, max, step });
      const allowed = definition.kind === 'integer' ? messages.aWholeNumber({ range }) : range;
      return definition.default === null ? messages.orUnset({ allowed }) : allowed;
    }
    case 'choice':
      return oneOf(definition.options.map((option) => option.value));
    case 'choices':
      return messages.aList({ values: allOf(definition.options.map((option) => option.value)) });
    case 'lines':
      return messages.loraLines({ most: definition.maxItems });
    case 'path':
      return definition.pick === 'folder'
        ? messages.aFolder()
        : messages.aFile({ extensions: oneOf(definition.extensions) });
    case 'url':
      return messages.aSafeAddress();
    case 'text':
      if (definition.format === 'dimensions') return messages.aSize();
      if (definition.format === 'aspectRatios') return messages.aRatio();
      return messages.aText({ min: definition.required ? 1 : 0, max: definition.maxLength });
  }
}

function oneOf(values: readonly string[]): Message {
  return listed(values, messages.either);
}

function allOf(values: readonly string[]): Message {
  return listed(values, messages.both);
}

function listed(values: readonly string[], tell: typeof messages.either): Message {
  if (values.length < 2) return spoken(values.join(''));
  return tell({ list: values.slice(0, -1).join(', '), last: String(values.at(-1)) });
}

/** A value as shown in a message; long ones are cut. */
export function shownValue(value: unknown): Value {
  if (value === '') return messages.empty();
  if (value === undefined) return messages.nothing();
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The problem with one value taken by itself; null when it is right. Also refuses values of the wrong type. */
export function checkValue(key: AnySettingKey, value: unknown): Problem | null {
  const definition = definitionOf(key);
  const why = wrongWith(definition, value);
  if (why === null) return null;
  const allowed = allowedValues(definition);
  return problemOf(key, messages.badValue({ label: definition.label, why, allowed }), allowed);
}

function wrongWith(definition: SettingDefinition, value: unknown): Message | null {
  const notAllowed = messages.notAllowed({ value: shownValue(value) });
  switch (definition.kind) {
    case 'toggle':
      return typeof value === 'boolean' ? null : notAllowed;
    case 'integer':
    case 'number': {
      if (value === null) return definition.default === null ? null : notAllowed;
      if (typeof value !== 'number' || !Number.isFinite(value)) return notAllowed;
      if (definition.kind === 'integer' && !Number.isInteger(value)) return notAllowed;
      if (value < definition.min || value > definition.max) return notAllowed;
      return definition.step === undefined || isMultiple(value, definition.step) ? null : notAllowed;
    }
    case 'choice':
      return definition.options.some((option) => option.value === value) ? null : notAllowed;
    case 'choices': {
      if (!Array.isArray(value)) return notAllowed;
      const bad = value.filter((item) => !definition.options.some((option) => option.value === item));
      return bad.length === 0 ? null : messages.notAllowed({ value: shownValue(bad[0]) });
    }
    case 'lines': {
      if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) return notAllowed;
      if (value.length > definition.maxItems) return messages.tooManyEntries({ count: value.length });
      return firstBad(parseLora(value as string[]).bad);
    }
    case 'path':
      return wrongWithPath(definition, value, notAllowed);
    case 'url':
      return typeof value === 'string' && isSafeUrl(value) ? null : notAllowed;
    case 'text': {
      if (typeof value !== 'string') return notAllowed;
      if (value.length > definition.maxLength) return messages.tooManyCharacters({ count: value.length });
      if (definition.required && value.trim() === '') return notAllowed;
      if (definition.format === 'dimensions') return firstBad(parseDimensions(value).bad);
      if (definition.format === 'aspectRatios') return firstBad(parseAspectRatios(value).bad);
      return null;
    }
  }
}

function firstBad(bad: readonly { text: string; why: Message }[]): Message | null {
  const first = bad[0];
  return first === undefined ? null : messages.badPart({ part: shownValue(first.text), why: first.why });
}

function isMultiple(value: number, step: number): boolean {
  const steps = value / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9;
}

function wrongWithPath(
  definition: SettingDefinition & { kind: 'path' },
  value: unknown,
  notAllowed: Message,
): Message | null {
  if (typeof value !== 'string' || value.includes('\0')) return notAllowed;
  if (value.trim() === '') return definition.required ? notAllowed : null;
  const name = value.toLowerCase();
  const { extensions } = definition;
  return extensions.length === 0 || extensions.some((ending) => name.endsWith(ending)) ? null : notAllowed;
}

/** https, or http on this computer, without a user name, password, query or fragment. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname);
}

/**
 * Everything that keeps a job with these settings from starting: each visible value, and the rules between
 * values. `limitsOf` brings what the model catalogue knows; without it sizes are only read, not judged.
 */
export function checkSettings(settings: Settings, limitsOf?: LimitsOf): Problem[] {
  const problems = settingKeys
    .filter((key) => isVisible(key, settings))
    .map((key) => checkValue(key, settings[key]))
    .filter((problem) => problem !== null);
  const bad = new Set(problems.map((problem) => problem.key));
  const images = settings['generation.count'] * settings['generation.variations'];
  if (!bad.has('generation.count') && !bad.has('generation.variations') && images > maxImagesPerJob) {
    problems.push(
      problemOf(
        'generation.count',
        messages.tooManyImages({
          generations: settings['generation.count'],
          variations: settings['generation.variations'],
          images: images.toLocaleString('en-US'),
        }),
        messages.oneProduct(),
      ),
    );
  }
  problems.push(...checkModel(settings, bad, limitsOf));
  return problems;
}

function checkModel(settings: Settings, bad: ReadonlySet<string | null>, limitsOf?: LimitsOf): Problem[] {
  const limits = limitsOf?.(settings['provider.image'], imageModelOf(settings)) ?? null;
  if (limits === null) return [];
  const sizes = imageSetting(settings, 'sizes');
  return [
    ...checkFormat(settings, limits),
    ...(sizes === null || bad.has(sizes) ? [] : checkSizes(settings, sizes, limits)),
  ];
}

function checkFormat(settings: Settings, limits: ModelLimits): Problem[] {
  const key = imageSetting(settings, 'format');
  if (key === null || settings[key] !== 'svg' || limits.vectorOnly) return [];
  const definition = definitionOf(key);
  const others = 'options' in definition ? definition.options.map(({ value }) => value) : [];
  const formats = oneOf(others.filter((value) => value !== 'svg'));
  const example = vectorExampleOf(settings['provider.image']);
  const values = { label: definition.label, model: imageModelOf(settings), formats };
  const told =
    example === null ? messages.svgNotPossible(values) : messages.svgNotPossibleBut({ ...values, example });
  return [problemOf(key, told, messages.pixelsOnly({ formats }))];
}

function checkSizes(settings: Settings, key: SettingKey, limits: ModelLimits): Problem[] {
  return imageSizes(settings).flatMap((size) => {
    const verdict = limits.checkSize(size.width, size.height);
    if (verdict.ok) return [];
    const { allowed } = verdict;
    const told = messages.sizeNotTaken({
      label: definitionOf(key).label,
      size: `${size.width}x${size.height}`,
      model: imageModelOf(settings),
      allowed,
    });
    return problemOf(key, told, allowed);
  });
}

/** What may go wrong although it is allowed: sizes that nobody can judge for a model that the catalogue does not list. */
export function settingWarnings(settings: Settings, limitsOf: LimitsOf): Message[] {
  const limits = limitsOf(settings['provider.image'], imageModelOf(settings));
  if (limits === null) return [];
  return imageSizes(settings)
    .map((size) => limits.checkSize(size.width, size.height))
    .flatMap((verdict) => (verdict.ok && verdict.warning !== null ? [verdict.warning] : []));
}
