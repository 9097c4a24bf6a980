import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { bundlePath, bundleText, bundleTexts } from '../../../scripts/l10n.mts';

describe('l10n/bundle.l10n.json', () => {
  it('lists every text of the extension host, for translators (npm run l10n writes it anew)', async () => {
    assert.equal(readFileSync(bundlePath, 'utf8'), await bundleText());
  });

  it('holds the words of statuses, stages and ways out, which have their owners in the engine', () => {
    const texts = bundleTexts();
    for (const text of ['QC Failed', 'Download Failed', 'Interrupted', 'Set API Key…', 'Content Flagged']) {
      assert.equal(texts[text], text);
    }
  });

  it('has every placeholder of a text numbered from 0 without a gap', () => {
    for (const text of Object.keys(bundleTexts())) {
      const numbers = new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, digits]) => Number(digits)));
      assert.deepEqual(
        [...numbers].sort((a, b) => a - b),
        [...numbers].map((_, index) => index),
        text,
      );
    }
  });
});
