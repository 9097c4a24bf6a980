import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from 'vscode';
import { viewNames } from '../../src/webviews/protocol.ts';
import { activeApi, ourExtension } from './host.ts';

interface Command {
  command: string;
  title: string;
  category: string;
}
interface MenuItem {
  command?: string;
  when?: string;
}
interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: Command[];
    menus: Record<string, MenuItem[]>;
    keybindings: { command: string; when: string }[];
    viewsWelcome: { view: string; contents: string; when: string }[];
    configuration: { properties: Record<string, { scope: string }> }[];
    walkthroughs: { steps: { description: string; completionEvents: string[]; media: { svg: string } }[] }[];
  };
}

describe('The manifest', () => {
  const manifest = (): Manifest => ourExtension().packageJSON as Manifest;
  const declared = (): Set<string> => new Set(manifest().contributes.commands.map(({ command }) => command));

  before(() => activeApi());

  it('H1: declares every command that is registered, and registers every one that it declares', async () => {
    const registered = (await commands.getCommands(true)).filter(
      // Views of ours have commands of VS Code's own making (focus, open, resetViewLocation …).
      (name) => name.startsWith('genImageFactory.') && !/^genImageFactory\.(jobs|failed)\./.test(name),
    );
    assert.deepEqual(registered.sort(), [...declared()].sort());
  });

  it('H1: the palette has every command by name, in one category', () => {
    const named = manifest().contributes.commands.map(({ title, category }) => `${category}: ${title}`);
    const wanted = [
      ...[
        'Start Job',
        'Start Job with Keyword File…',
        'Stop Job',
        'Force Stop Job',
        'Resume Job…',
        'Rerun Job…',
      ],
      ...['Retry Failed Images…', 'Approve Failed Images…', 'Test with 3 Rows', 'Start Sample Job'],
      ...['Create Sample Workspace', 'Clean Up…', 'Copy Diagnostics', 'Open Dashboard', 'Open Gallery'],
      ...['Open Job Management', 'Open Failed Images Review', 'Open Settings Editor', 'Set API Key…'],
      ...['Clear API Key…', 'Preview Prompts', 'Export Job…', 'Show Log'],
    ];
    for (const title of wanted)
      assert.ok(named.includes(`Gen Image Factory: ${title}`), `${title} is missing.`);
    const hidden = (manifest().contributes.menus['commandPalette'] ?? []).filter(
      ({ when }) => when === 'false',
    );
    for (const { command } of hidden) {
      const title = manifest().contributes.commands.find((each) => each.command === command)?.title ?? '';
      assert.ok(!wanted.includes(title), `${title} is hidden from the palette.`);
    }
  });

  it('menus, keys, welcome texts and walkthrough name only commands that there are', () => {
    const { menus, keybindings, viewsWelcome, walkthroughs } = manifest().contributes;
    const used = [
      ...Object.values(menus)
        .flat()
        .map(({ command }) => command ?? ''),
      ...keybindings.map(({ command }) => command),
      ...viewsWelcome.flatMap(({ contents }) => linked(contents)),
      ...walkthroughs.flatMap(({ steps }) =>
        steps.flatMap(({ description, completionEvents }) => [
          ...linked(description),
          ...completionEvents.flatMap((event) => /^onCommand:(.*)$/.exec(event)?.slice(1) ?? []),
        ]),
      ),
    ];
    const unknown = used.filter((name) => name.startsWith('genImageFactory.') && !declared().has(name));
    assert.deepEqual(unknown, []);
  });

  it('H1: what the palette hides is in a menu; a clause asks only for what is told', () => {
    const { menus } = manifest().contributes;
    const { commandPalette = [], ...others } = menus;
    const inMenus = new Set(
      Object.values(others)
        .flat()
        .map(({ command }) => command),
    );
    const hidden = commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command);
    // "Load More…" is a line of the trees themselves.
    assert.deepEqual(
      hidden.filter((command) => !inMenus.has(command)),
      ['genImageFactory.loadMore'],
    );
    const { extensionPath } = ourExtension();
    const read = (path: string): string => readFileSync(join(extensionPath, path), 'utf8');
    const told = new Set(
      [...read('src/extension/contexts.ts').matchAll(/^ {2}(\w+): boolean;$/gmu)].map(([, name]) => name),
    );
    const asked = [...read('package.json').matchAll(/genImageFactory:(\w+)/gu)].map(([, name]) => name);
    assert.deepEqual([...new Set(asked)].sort(), [...told].sort());
  });

  it('H5: the steps of the walkthrough are done by the commands and settings that they offer', () => {
    const { walkthroughs, configuration } = manifest().contributes;
    const settings = new Set(configuration.flatMap(({ properties }) => Object.keys(properties)));
    const [{ steps } = { steps: [] }] = walkthroughs;
    assert.equal(steps.length, 5);
    for (const { description, completionEvents } of steps) {
      const offered = linked(description);
      const done = completionEvents.map((event) => event.split(':'));
      assert.ok(
        done.some(([kind, name = '']) => kind === 'onCommand' && offered.includes(name)),
        description,
      );
      for (const [kind, name = ''] of done) {
        assert.ok(kind === 'onSettingChanged' ? settings.has(name) : declared().has(name), `${kind}:${name}`);
      }
    }
  });

  it('S6: a view of an untrusted workspace offers no start, which would be refused', () => {
    const offering = manifest().contributes.viewsWelcome.filter(({ contents }) =>
      linked(contents).some((command) => /\.start\w*Job$/u.test(command)),
    );
    assert.ok(offering.length > 0);
    for (const { view, when } of offering) assert.match(when, /(^|[^!])isWorkspaceTrusted/u, view);
  });

  it('S5, S6: endpoints belong to the machine, and paths of an untrusted workspace are not used', () => {
    const { contributes, capabilities } = manifest();
    const properties = Object.assign(
      {},
      ...contributes.configuration.map((each) => each.properties),
    ) as Record<string, { scope: string }>;
    const endpoints = Object.entries(properties).filter(([key]) => key.includes('.endpoints.'));
    assert.equal(endpoints.length, 4);
    for (const [key, { scope }] of endpoints) assert.equal(scope, 'machine', key);
    const { supported, restrictedConfigurations } = capabilities.untrustedWorkspaces;
    const files = Object.keys(properties).filter((key) => key.startsWith('genImageFactory.files.'));
    assert.equal(supported, 'limited');
    assert.deepEqual(restrictedConfigurations.sort(), files.sort());
  });

  it('panels come back after a reload', () => {
    const events = manifest().activationEvents.filter((event) => event.startsWith('onWebviewPanel:'));
    assert.deepEqual(events.sort(), viewNames.map((view) => `onWebviewPanel:genImageFactory.${view}`).sort());
  });

  it('has no text without its words, and no image that is not there', () => {
    const { extensionPath } = ourExtension();
    const raw = readFileSync(join(extensionPath, 'package.json'), 'utf8');
    const words = JSON.parse(readFileSync(join(extensionPath, 'package.nls.json'), 'utf8')) as Record<
      string,
      string
    >;
    const keys = [...raw.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? '');
    assert.deepEqual(
      keys.filter((key) => words[key] === undefined || words[key] === ''),
      [],
    );
    assert.deepEqual(
      Object.keys(words).filter((key) => !keys.includes(key)),
      [],
      'Words that nothing uses.',
    );
    for (const { steps } of manifest().contributes.walkthroughs) {
      for (const { media } of steps) assert.ok(statSync(join(extensionPath, media.svg)).size > 0, media.svg);
    }
  });

  it('Y1: extension.js has less than 1 MB, with all that it loads at once', () => {
    const dist = join(ourExtension().extensionPath, 'dist');
    const seen = new Set<string>();
    const load = (file: string): number => {
      if (seen.has(file)) return 0;
      seen.add(file);
      const text = readFileSync(join(dist, file), 'utf8');
      const own = statSync(join(dist, file)).size;
      // Static imports only; what `import()` brings is loaded when it is needed.
      const chunks = [...text.matchAll(/(?:from|import)\s*"\.\/(?:chunks\/)?([\w-]+\.js)"/g)];
      return own + chunks.reduce((sum, [, chunk]) => sum + load(`chunks/${chunk ?? ''}`), 0);
    };
    const bytes = load('extension.js');
    assert.ok(seen.size > 1 && readdirSync(join(dist, 'chunks')).length > seen.size);
    assert.ok(bytes < 1_000_000, `${bytes} bytes.`);
  });
});

function linked(text: string): string[] {
  return [...text.matchAll(/\(command:([\w.]+)\)/g)].map(([, name]) => name ?? '');
}
