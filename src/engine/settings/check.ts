/** What is wrong with settings, value by value and between values. Nothing is clamped: a bad value is named. */
import type { Problem } from '../model/errors.ts';
import type { SettingDefinition } from '../model/settingDefinition.ts';
import { imageModelOf, imageSetting, imageSizes, vectorExampleOf } from './chosen.ts';
import { parseAspectRatios, parseDimensions, parseLora } from './grammar.ts';
import { definitionOf, settingKeys, type AnySettingKey, type SettingKey, type Settings } from './schema.ts';
import { isVisible } from './visibility.ts';

export const maxImagesPerJob = 10_000;

/** What the model catalogue knows of the model that makes the images. */
export interface ModelLimits {
  /** The model makes vector images and nothing else. */
  vectorOnly: boolean;
  /** `allowed` is said after "Use"; `warning` where the limits are only guessed. Pixels. */
  checkSize(
    width: number,
    height: number,
  ): { ok: true; warning: string | null } | { ok: false; allowed: string };
}

/** The limits of a provider's model; null where there is nothing to check. */
export type LimitsOf = (provider: Settings['provider.image'], model: string) => ModelLimits | null;

export function problemOf(key: string | null, message: string, allowed: string | null): Problem {
  return { key, file: null, line: null, column: null, message, allowed };
}

/** The allowed values in words, as said after "Use". */
export function allowedText(definition: SettingDefinition): string {
  switch (definition.kind) {
    case 'toggle':
      return 'true or false';
    case 'integer':
    case 'number': {
      const what = definition.kind === 'integer' ? 'a whole number from ' : '';
      const step = definition.step === undefined ? '' : ` in steps of ${definition.step}`;
      const unset = definition.default === null ? ', or unset' : '';
      return `${what}${definition.min} to ${definition.max}${step}${unset}`;
    }
    case 'choice':
      return oneOf(
        definition.options.map((option) => option.value),
        'or',
      );
    case 'choices':
      return `a list of ${oneOf(
        definition.options.map((option) => option.value),
        'and',
      )}`;
    case 'lines':
      return `a list of at most ${definition.maxItems} entries, each model or model:weight`;
    case 'path':
      return definition.pick === 'folder'
        ? 'the path of a folder'
        : `the path of a file ending in ${oneOf(definition.extensions, 'or')}`;
    case 'url':
      return 'an https address (http only on this computer)';
    case 'text':
      if (definition.format === 'dimensions') return 'sizes such as 1024x1024, separated by commas';
      if (definition.format === 'aspectRatios') return 'ratios such as 16:9, separated by commas';
      return `${definition.required ? 'a text of 1' : 'a text of 0'} to ${definition.maxLength} characters`;
  }
}

function oneOf(values: readonly string[], word: 'and' | 'or'): string {
  return values.length < 2
    ? values.join('')
    : `${values.slice(0, -1).join(', ')} ${word} ${String(values.at(-1))}`;
}

/** A value as shown in a message; long ones are cut. */
export function shownValue(value: unknown): string {
  if (value === '') return 'empty';
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The problem with one value taken by itself; null when it is right. Also refuses values of the wrong type. */
export function checkValue(key: AnySettingKey, value: unknown): Problem | null {
  const definition = definitionOf(key);
  const why = wrongWith(definition, value);
  if (why === null) return null;
  const allowed = allowedText(definition);
  return problemOf(key, `${definition.label}: ${why}. Use ${allowed}.`, allowed);
}

function wrongWith(definition: SettingDefinition, value: unknown): string | null {
  const notAllowed = `${shownValue(value)} is not allowed`;
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
      return bad.length === 0 ? null : `${shownValue(bad[0])} is not allowed`;
    }
    case 'lines': {
      if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) return notAllowed;
      if (value.length > definition.maxItems) return `${value.length} entries are too many`;
      return firstBad(parseLora(value as string[]).bad);
    }
    case 'path':
      return wrongWithPath(definition, value, notAllowed);
    case 'url':
      return typeof value === 'string' && isSafeUrl(value) ? null : notAllowed;
    case 'text': {
      if (typeof value !== 'string') return notAllowed;
      if (value.length > definition.maxLength) return `${value.length} characters are too many`;
      if (definition.required && value.trim() === '') return notAllowed;
      if (definition.format === 'dimensions') return firstBad(parseDimensions(value).bad);
      if (definition.format === 'aspectRatios') return firstBad(parseAspectRatios(value).bad);
      return null;
    }
  }
}

function firstBad(bad: readonly { text: string; why: string }[]): string | null {
  const first = bad[0];
  return first === undefined ? null : `${shownValue(first.text)} ${first.why}`;
}

function isMultiple(value: number, step: number): boolean {
  const steps = value / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9;
}

function wrongWithPath(
  definition: SettingDefinition & { kind: 'path' },
  value: unknown,
  notAllowed: string,
): string | null {
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
        `Generations × Variations per Generation: ${settings['generation.count']} × ${settings['generation.variations']} = ` +
          `${images.toLocaleString('en-US')} images are too many. Use a product of at most 10,000.`,
        'a product with generation.variations of at most 10,000',
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
  const pixels = oneOf(
    others.filter((value) => value !== 'svg'),
    'or',
  );
  const example = vectorExampleOf(settings['provider.image']);
  return [
    problemOf(
      key,
      `${definition.label}: svg is not possible with the model ${imageModelOf(settings)}, which makes pixels. ` +
        `Use ${pixels}, or a vector model${example === null ? '' : ` such as ${example}`}.`,
      `${pixels} with this model`,
    ),
  ];
}

function checkSizes(settings: Settings, key: SettingKey, limits: ModelLimits): Problem[] {
  return imageSizes(settings).flatMap((size) => {
    const verdict = limits.checkSize(size.width, size.height);
    if (verdict.ok) return [];
    const { allowed } = verdict;
    return problemOf(
      key,
      `${definitionOf(key).label}: ${size.width}x${size.height} does not fit the model ${imageModelOf(settings)}. Use ${allowed}.`,
      allowed,
    );
  });
}

/** What may go wrong although it is allowed: sizes that nobody can judge for a model that the catalogue does not list. */
export function settingWarnings(settings: Settings, limitsOf: LimitsOf): string[] {
  const limits = limitsOf(settings['provider.image'], imageModelOf(settings));
  if (limits === null) return [];
  return imageSizes(settings)
    .map((size) => limits.checkSize(size.width, size.height))
    .flatMap((verdict) => (verdict.ok && verdict.warning !== null ? [verdict.warning] : []));
}
