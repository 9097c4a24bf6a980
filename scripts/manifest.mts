/**
 * Writes the settings into package.json and their words into package.nls.json, from the one declaration of
 * every setting. `--check` writes nothing and fails when they are stale. All else in the two files stays as it is.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { inWords } from '../src/engine/model/message.ts';
import { describedSetting, valueSchema } from '../src/engine/settings/jsonSchema.ts';
import {
  allowedValues,
  allSettingKeys,
  definitionOf,
  settingKeyPrefix,
  settingSections,
} from '../src/engine/settings/settings.ts';
import type { AnySettingKey } from '../src/engine/settings/settings.ts';

type Json = Record<string, unknown>;
export interface ManifestFiles {
  manifest: Json;
  strings: Record<string, string>;
}

/** Strings below this prefix belong to this script. */
const stringPrefix = 'config.';

/** A start's own settings are asked when it starts; they have no place in settings.json. */
function configuredKeys(): AnySettingKey[] {
  return allSettingKeys.filter((key) => definitionOf(key).scope !== 'start');
}

function property(key: AnySettingKey, order: number, strings: Record<string, string>): Json {
  const definition = definitionOf(key);
  const say = (name: string, text: string): string => {
    strings[stringPrefix + name] = text;
    return `%${stringPrefix}${name}%`;
  };
  const schema = valueSchema(key);
  const result: Json = { ...schema, description: say(key, describedSetting(key)) };
  if (definition.kind === 'choice') {
    result['enumItemLabels'] = definition.options.map((option) =>
      say(`${key}.${option.value}`, option.label),
    );
  }
  if (schema.pattern !== undefined) {
    result['patternErrorMessage'] = say(`${key}.pattern`, `Use ${inWords(allowedValues(definition))}.`);
  }
  if (definition.kind === 'text' && definition.multiline) result['editPresentation'] = 'multilineText';
  return { ...result, scope: definition.scope, order };
}

/** The two files with every setting as it is declared now; the arguments stay as they are. */
export function withSettings(files: ManifestFiles): ManifestFiles {
  const strings: Record<string, string> = {};
  const keys = configuredKeys();
  const configuration = settingSections
    .map((section, order) => {
      const own = keys.filter((key) => definitionOf(key).section === section.id);
      const name = `${stringPrefix}section.${section.id}`;
      if (own.length > 0) strings[name] = section.label;
      const properties = own.map((key, i) => [settingKeyPrefix + key, property(key, i, strings)] as const);
      return {
        id: section.id,
        title: `%${name}%`,
        order,
        properties: Object.fromEntries(properties),
      };
    })
    .filter(({ properties }) => Object.keys(properties).length > 0);
  const restricted = keys
    .filter((key) => definitionOf(key).restricted === true)
    .map((key) => settingKeyPrefix + key);
  const contributes = (files.manifest['contributes'] ?? {}) as Json;
  const capabilities = (files.manifest['capabilities'] ?? {}) as Json;
  const untrusted = (capabilities['untrustedWorkspaces'] ?? { supported: 'limited' }) as Json;
  const others = Object.entries(files.strings).filter(([name]) => !name.startsWith(stringPrefix));
  return {
    manifest: {
      ...files.manifest,
      capabilities: {
        ...capabilities,
        untrustedWorkspaces: { ...untrusted, restrictedConfigurations: restricted },
      },
      contributes: { ...contributes, configuration },
    },
    strings: { ...Object.fromEntries(others), ...strings },
  };
}

const manifestPath = fileURLToPath(new URL('../package.json', import.meta.url));
const stringsPath = fileURLToPath(new URL('../package.nls.json', import.meta.url));

async function readJson(path: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Json;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

export async function readManifestFiles(): Promise<ManifestFiles> {
  return {
    manifest: await readJson(manifestPath),
    strings: (await readJson(stringsPath)) as Record<string, string>,
  };
}

async function writeJson(path: string, value: Json): Promise<void> {
  const options = await resolveConfig(path);
  await writeFile(path, await format(JSON.stringify(value, null, 2), { ...options, filepath: path }));
}

async function main(): Promise<void> {
  const before = await readManifestFiles();
  const after = withSettings(before);
  if (isDeepStrictEqual(before, after)) {
    console.log('package.json and package.nls.json hold every setting as declared.');
  } else if (process.argv.includes('--check')) {
    console.error('The settings in package.json or package.nls.json are stale. Run: npm run manifest');
    process.exitCode = 1;
  } else {
    await writeJson(manifestPath, after.manifest);
    await writeJson(stringsPath, after.strings);
    console.log('Wrote the settings to package.json and package.nls.json.');
  }
}

if (import.meta.main) await main();
