import assert from 'node:assert/strict';
import { Linter } from 'eslint';
import { noProviderNames } from '../../../scripts/eslint/noProviderNames.mjs';
import { descriptors } from '../../../src/engine/providers/registry.ts';

function found(code: string): string[] {
  const messages = new Linter().verify(code, {
    plugins: { local: { rules: { 'no-provider-names': noProviderNames } } },
    rules: { 'local/no-provider-names': 'error' },
  });
  return messages.map(({ message }) => message);
}

describe('The rule that nobody outside providers/ names one', () => {
  for (const { name } of descriptors) {
    it(`finds ${name} as a value to compare with`, () => {
      assert.equal(found(`if (settings['provider.image'] === '${name}') go();`).length, 1);
    });
  }

  it('finds names in keys, templates, identifiers and comments', () => {
    for (const code of [
      "settings['runware.dimensions'];",
      'say(`Who uses OpenAI?`);',
      'const prices = { piapi: 1 };',
      'runwareModel(id);',
      '// Only remove.bg does this.',
      "import('openai');",
    ]) {
      assert.equal(found(code).length, 1, code);
    }
  });

  it('leaves everyday words and old keys that only sound like one', () => {
    assert.deepEqual(
      found("// A sample.\nconst sampleImages = settings['processing.removeBgFailureMode'] + 'Sample job';"),
      [],
    );
  });
});
