/** The settings as JSON Schema: for `settings schema`, for editors, and as the base of VS Code's configuration. */
import { definitionOf, settingKeys, type AnySettingKey } from './schema.ts';

export interface ValueSchema {
  type: string | string[];
  default: unknown;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: { type: 'string'; enum?: readonly string[] };
  maxItems?: number;
  uniqueItems?: true;
}

const dimension = String.raw`\s*\d{1,5}\s*[xX×]\s*\d{1,5}\s*`;
const ratio = String.raw`\s*\d{1,3}\s*:\s*\d{1,3}\s*`;
const listOf = (item: string): string => `^${item}(,${item})*$`;

/** The values that one setting may have, as far as JSON Schema can say it. */
export function valueSchema(key: AnySettingKey): ValueSchema {
  const definition = definitionOf(key);
  const base = { default: definition.default };
  switch (definition.kind) {
    case 'toggle':
      return { type: 'boolean', ...base };
    case 'integer':
    case 'number': {
      const type = definition.default === null ? [definition.kind, 'null'] : definition.kind;
      // No multipleOf: 1.4 is no multiple of 0.1 in binary, and validators disagree about it.
      return { type, ...base, minimum: definition.min, maximum: definition.max };
    }
    case 'choice':
      return { type: 'string', ...base, enum: definition.options.map((option) => option.value) };
    case 'choices': {
      const items = { type: 'string', enum: definition.options.map((option) => option.value) } as const;
      return { type: 'array', ...base, items, uniqueItems: true };
    }
    case 'lines':
      return { type: 'array', ...base, items: { type: 'string' }, maxItems: definition.maxItems };
    case 'path':
      return { type: 'string', ...base, ...(definition.required ? { minLength: 1 } : {}) };
    case 'url':
      return { type: 'string', ...base, pattern: '^https?://' };
    case 'text': {
      const pattern =
        definition.format === 'dimensions'
          ? { pattern: listOf(dimension) }
          : definition.format === 'aspectRatios'
            ? { pattern: listOf(ratio) }
            : {};
      const minLength = definition.required ? { minLength: 1 } : {};
      return { type: 'string', ...base, ...minLength, maxLength: definition.maxLength, ...pattern };
    }
  }
}

/** "AI Metadata is on and Convert Format is JPG", or null for a setting that is always used. */
function conditionText(key: AnySettingKey): string | null {
  const { when } = definitionOf(key);
  if (when === undefined) return null;
  return Object.entries(when)
    .map(([other, values]) => {
      const definition = definitionOf(other as AnySettingKey);
      const names = values.map((value) => {
        if (typeof value === 'boolean') return value ? 'on' : 'off';
        const options = 'options' in definition ? definition.options : [];
        return options.find((option) => option.value === value)?.label ?? value;
      });
      return `${definition.label} is ${names.join(' or ')}`;
    })
    .join(' and ');
}

/** What a setting does, as one text: label, help, and when it is used. */
export function describedSetting(key: AnySettingKey): string {
  const definition = definitionOf(key);
  const unit = definition.unit === undefined ? '' : ` (${definition.unit})`;
  const condition = conditionText(key);
  const used = condition === null ? '' : ` Used when ${condition}.`;
  return `${definition.label}${unit}. ${definition.help}${used}`;
}

/** JSON Schema (draft 2020-12) of the flat object that `--settings` takes. */
export function settingsJsonSchema(): Record<string, unknown> {
  const properties = settingKeys.map((key) => [
    key,
    { title: definitionOf(key).label, description: describedSetting(key), ...valueSchema(key) },
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Gen Image Factory settings',
    description: 'Settings of a job, flat. A missing key has its default.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties) as Record<string, unknown>,
  };
}
