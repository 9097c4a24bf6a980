import assert from 'node:assert/strict';
import { readManifestFiles, withSettings } from '../../../scripts/manifest.mts';
import { allSettingKeys, definitionOf } from '../../../src/engine/settings/settings.ts';

interface Configuration {
  properties: Record<string, { scope: string; default: unknown; description: string }>;
}

async function configured(): Promise<Configuration['properties']> {
  const { manifest } = await readManifestFiles();
  const { configuration } = manifest['contributes'] as { configuration: Configuration[] };
  return Object.assign({}, ...configuration.map((part) => part.properties)) as Configuration['properties'];
}

describe("VS Code's configuration", () => {
  it('S1: package.json and package.nls.json hold every setting as declared (else: npm run manifest)', async () => {
    const files = await readManifestFiles();
    assert.deepEqual(withSettings(files), files);
  });

  it('S1: a changed default, label or an unknown leftover makes the files stale', async () => {
    const files = await readManifestFiles();
    const manifest = structuredClone(files.manifest);
    const { configuration } = manifest['contributes'] as { configuration: Configuration[] };
    const first = Object.values(configuration[0]?.properties ?? {})[0];
    assert.ok(first);
    first.default = 'elsewhere';
    assert.notDeepEqual(withSettings({ ...files, manifest }), { ...files, manifest });
    const strings = { ...files.strings, 'config.gone': 'x' };
    assert.equal(Object.hasOwn(withSettings({ ...files, strings }).strings, 'config.gone'), false);
  });

  it('S1: what others wrote into the two files stays', async () => {
    const files = await readManifestFiles();
    const manifest = {
      ...files.manifest,
      name: 'other',
      contributes: { commands: [1] },
      capabilities: { virtualWorkspaces: false },
    };
    const after = withSettings({ manifest, strings: { 'command.start': 'Start' } });
    assert.equal(after.manifest['name'], 'other');
    assert.deepEqual((after.manifest['contributes'] as { commands: unknown }).commands, [1]);
    assert.equal((after.manifest['capabilities'] as { virtualWorkspaces: unknown }).virtualWorkspaces, false);
    assert.equal(after.strings['command.start'], 'Start');
  });

  it('S5: addresses have machine scope; a start label is not in it at all', async () => {
    const properties = await configured();
    for (const key of allSettingKeys) {
      const property = properties[`genImageFactory.${key}`];
      const { scope } = definitionOf(key);
      assert.equal(property?.scope, scope === 'start' ? undefined : scope, key);
    }
    assert.equal(properties['genImageFactory.endpoints.openai']?.scope, 'machine');
    assert.equal(Object.hasOwn(properties, 'genImageFactory.job.label'), false);
  });

  it('S6: an untrusted workspace sets no path', async () => {
    const { manifest } = await readManifestFiles();
    const { untrustedWorkspaces } = manifest['capabilities'] as {
      untrustedWorkspaces: { supported: unknown; restrictedConfigurations: string[] };
    };
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.deepEqual(untrustedWorkspaces.restrictedConfigurations, [
      'genImageFactory.files.outputDirectory',
      'genImageFactory.files.tempDirectory',
      'genImageFactory.files.keywordsFile',
      'genImageFactory.files.systemPromptFile',
      'genImageFactory.files.qualityCheckPromptFile',
      'genImageFactory.files.metadataPromptFile',
    ]);
  });

  it('S1: every text of a setting is in package.nls.json', async () => {
    const { manifest, strings } = await readManifestFiles();
    const { configuration } = manifest['contributes'] as { configuration: unknown };
    const used = JSON.stringify(configuration).match(/%[^%"]+%/gu) ?? [];
    assert.ok(used.length > 60);
    for (const name of used) assert.ok(strings[name.slice(1, -1)], name);
  });
});
