import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ESLint, Linter } from 'eslint';
import { FactoryError } from '../../../src/engine/model/errors.ts';
import { defineMessages, inWords, mapValues, spoken } from '../../../src/engine/model/message.ts';
import type { Message, Values } from '../../../src/engine/model/message.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

type Catalogue = Record<string, (values?: Values) => Message>;

/** Every room's texts, with the source that may use them. */
async function catalogues(): Promise<{ file: string; messages: Catalogue; users: string }[]> {
  const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => join(root, file));
  const texts = new Map(sources.map((file) => [file, readFileSync(file, 'utf8')]));
  const files = sources.filter((file) => (texts.get(file) ?? '').includes('= defineMessages('));
  return Promise.all(
    files.map(async (file) => {
      const { messages } = (await import(pathToFileURL(file).href)) as { messages: Catalogue };
      const users = [...texts].filter(([user, text]) =>
        [...text.matchAll(/from '(\.[^']+)'/gu)].some(
          ([, path]) => join(dirname(user), path ?? '') === file && basename(file) === basename(path ?? ''),
        ),
      );
      return { file, messages, users: users.map(([, text]) => text).join('\n') };
    }),
  );
}

describe('What people are told', () => {
  it('each message is used, and its id is its own', async () => {
    const rooms = await catalogues();
    assert.ok(rooms.length >= 10, `${rooms.length} rooms have messages`);
    const ids = new Set<string>();
    for (const { file, messages, users } of rooms) {
      for (const [name, tell] of Object.entries(messages)) {
        assert.match(users, new RegExp(`[mM]essages\\.${name}\\b`, 'u'), `${file}: nobody uses ${name}`);
        const { id } = tell();
        assert.equal(id, `${basename(dirname(file))}.${name}`, `${file}: an id is the room and the name`);
        assert.ok(!ids.has(id), `${id} is there twice`);
        ids.add(id);
      }
    }
    assert.ok(ids.size > 350, `${ids.size} messages`);
  });

  it('each text names what fills it in braces, and nothing else stands in them', async () => {
    for (const { file, messages } of await catalogues()) {
      for (const [name, tell] of Object.entries(messages)) {
        const { text } = tell();
        const rest = text.replace(/\{[a-z][a-zA-Z]*\}/gu, '');
        assert.doesNotMatch(rest, /[{}]|\$\{/u, `${file}: ${name}`);
        assert.doesNotMatch(text, / {2}|^\s|\s$/u, `${file}: ${name}`);
      }
    }
  });

  it('the linter finds a free text in every place that tells something', async () => {
    const eslint = new ESLint({ cwd: root });
    const places = [
      'src/engine/pipeline/gate.ts',
      'src/engine/store/jobs.ts',
      'src/cli/context.ts',
      'src/extension/session.ts',
    ];
    for (const place of places) {
      const { rules } = (await eslint.calculateConfigForFile(join(root, place))) as {
        rules: Linter.RulesRecord;
      };
      const rule = { 'no-restricted-syntax': rules['no-restricted-syntax'] ?? 'off' };
      const faultsOf = (code: string): number => new Linter().verify(code, [{ rules: rule }]).length;
      assert.equal(faultsOf("spoken('Free text.')"), 1, place);
      assert.equal(faultsOf('spoken(`Free ${text}.`)'), 1, place);
      assert.equal(faultsOf('spoken(words)'), 0, place);
    }
  });

  it('a message takes exactly the values that its text names', () => {
    const { greeting, farewell } = defineMessages('test', {
      greeting: '{who} waits for {count} images.',
      farewell: 'Done.',
    });
    assert.equal(inWords(greeting({ who: 'Job "{count}"', count: 3 })), 'Job "{count}" waits for 3 images.');
    assert.equal(inWords(farewell()), 'Done.');
    const inside = greeting({ who: farewell(), count: 2 });
    assert.equal(inWords(inside), 'Done. waits for 2 images.');
    assert.equal(inWords(mapValues(inside, (words) => words.toUpperCase())), 'Done. waits for 2 images.');
    // @ts-expect-error: one of its values is missing.
    assert.equal(inWords(greeting({ who: 'A job' })), 'A job waits for {count} images.');
    // @ts-expect-error: the text has no such name.
    greeting({ who: 'A job', count: 1, where: 'here' });
    // @ts-expect-error: the text has no names.
    farewell({ who: 'A job' });
  });

  it('an error says the same as its message, and what must not be told leaves both', () => {
    const { refused } = defineMessages('test', { refused: '{service} refused {key}.' });
    const told = refused({ service: 'The service', key: 'secret' });
    const hidden = mapValues(told, (words) => words.replace('secret', '***'));
    const error = new FactoryError('provider.auth', hidden);
    assert.equal(error.message, 'The service refused ***.');
    assert.deepEqual(error.told, {
      id: 'test.refused',
      text: '{service} refused {key}.',
      values: hidden.values,
    });
    assert.doesNotMatch(JSON.stringify(error.told), /secret/u);
    assert.equal(inWords(spoken('A {brace} stays.')), 'A {brace} stays.');
  });
});
