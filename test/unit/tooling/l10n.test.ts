import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/bundle.mts';
import { bundlePath, bundleText, bundleTexts } from '../../../scripts/l10n.mts';

/** Fields of the manifest whose text people read. */
const READ_FIELDS = new Set([
  ...['title', 'name', 'contextualTitle', 'label', 'description', 'markdownDescription', 'contents'],
  ...['altText', 'enumItemLabels', 'enumDescriptions', 'markdownEnumDescriptions', 'deprecationMessage'],
  ...['markdownDeprecationMessage', 'patternErrorMessage', 'placeholder'],
]);

interface FieldText {
  /** The path in the manifest, like `contributes.commands.0.title`. */
  path: string;
  field: string;
  text: string;
}

/** Every text of a JSON value with the field that holds it, also where that is a list. */
function textsIn(value: unknown, path = '', field = ''): FieldText[] {
  if (typeof value === 'string') return [{ path, field, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    textsIn(child, path === '' ? key : `${path}.${key}`, Array.isArray(value) ? field : key),
  );
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));

describe('The words of the extension', () => {
  const manifest = readJson('package.json') as { l10n: string; capabilities: unknown; contributes: unknown };
  const words = readJson('package.nls.json') as Record<string, string>;
  const shown = [
    ...textsIn(manifest.contributes, 'contributes'),
    ...textsIn(manifest.capabilities, 'capabilities'),
  ];
  const keys = textsIn(manifest).flatMap(({ text }) => /^%(.+)%$/u.exec(text)?.slice(1) ?? []);

  it('translators get every text that the extension shows, and none that it no longer shows', async () => {
    assert.equal(join(root, manifest.l10n, 'bundle.l10n.json'), bundlePath);
    const texts = bundleTexts();
    assert.ok('Start Job' in texts);
    const written = readJson('l10n/bundle.l10n.json') as Record<string, string>;
    const differ = new Set([...Object.keys(texts), ...Object.keys(written)]);
    for (const text of Object.keys(texts)) if (written[text] === text) differ.delete(text);
    assert.deepEqual([...differ], [], 'Run `npm run l10n`.');
    assert.equal(readFileSync(bundlePath, 'utf8'), await bundleText(), 'Run `npm run l10n`.');
  });

  it('every text of the manifest that people read can be translated', () => {
    const read = shown.filter(({ field }) => READ_FIELDS.has(field));
    assert.ok(read.length > 100);
    const plain = read.filter(({ text }) => !/^%[\w.]+%$/u.test(text));
    assert.deepEqual(plain, []);
  });

  it('every key of the manifest has its words, and no words are left over', () => {
    assert.deepEqual(
      keys.filter((key) => (words[key] ?? '') === ''),
      [],
      'Keys without words in package.nls.json.',
    );
    assert.deepEqual(
      Object.keys(words).filter((key) => !keys.includes(key)),
      [],
      'Words of package.nls.json that nothing uses.',
    );
  });
});
