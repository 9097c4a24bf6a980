import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { block, jsonLine, jsonLines, line, put } from '../../../src/cli/terminal.ts';
import { table } from '../../../src/cli/words.ts';
import { cliWorkspace } from './workspace.ts';
import type { CliWorkspace } from './workspace.ts';

/** What terminals take for more than words: by its sequence, with what it would do. */
const hostile: Readonly<Record<string, string>> = {
  'the clipboard': '\u001b]52;c;cm0gLXJmIH4=\u0007',
  'the title': '\u001b]0;you are root\u0007',
  'a link': '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\',
  'one-byte escapes': '\u009d0;title\u009c\u009b2J',
  'an answer that is typed': '\u001b[6n\u001bP$q"p\u001b\\',
  'the direction of writing': 'gpj.\u202Eexe.\u2066',
  'a line of its own': '\nCompleted: everything (000000)\r\u2028',
  'a deletion': '\b\b\u007f\u001b[1A\u001b[2K',
};
const all = Object.values(hostile).join('');
/** Code points that must not be printed, first and last of each range. A line feed ends what was printed. */
const steering: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];
function assertPlain(printed: string): void {
  const found = Array.from(printed, (char) => char.codePointAt(0) ?? 0).filter((code) =>
    steering.some(([first, last]) => code >= first && code <= last),
  );
  assert.deepEqual(found, [], printed);
}

const open: CliWorkspace[] = [];
afterEach(() => open.splice(0).forEach((one) => one.remove()));

describe('the door to the terminal', () => {
  for (const [what, text] of Object.entries(hostile)) {
    it(`I6: lets no words from outside reach ${what}`, () => {
      const printed: string[] = [];
      const write = (part: string): void => void printed.push(part);
      line(write, `a ${text} b`);
      put(write, `a ${text} b`);
      block(
        write,
        table([
          ['head', 'x'],
          [`a ${text} b`, text],
        ]),
      );
      jsonLine(write, { [`key ${text}`]: text }, 2);
      for (const part of printed) assertPlain(part);
      assert.match(printed[0] ?? '', /^[^\n]*\n$/u);
      assert.equal(printed[1]?.includes('\n'), false);
      assert.equal(printed[2]?.split('\n').length, 3);
    });
  }

  it('I3: a program reads every character that is in a value', () => {
    let printed = '';
    jsonLine((text) => (printed += text), { all });
    assert.deepEqual(JSON.parse(printed), { all });
    printed = '';
    jsonLines((text) => (printed += text), `[\n${JSON.stringify(all)}\n]`);
    assert.deepEqual(JSON.parse(printed), [all]);
  });

  it('I6: commands print names, paths, settings and rows through it', async () => {
    const workspace = cliWorkspace({
      'genImageFactory.provider.image': 'sample',
      'genImageFactory.provider.text': 'sample',
      'genImageFactory.runware.dimensions': '128x128',
      [`genImageFactory.${all}`]: 1,
      'genImageFactory.files.keywordsFile': 'list.csv',
    });
    open.push(workspace);
    workspace.write('list.csv', `Subject,Style\n"fox ${all.replaceAll('"', '""')}",red\n`);
    const label = `odd ${hostile['a link']}${hostile['the title']}${hostile['a line of its own']}`;
    workspace.write('checked.json', JSON.stringify({ [all]: 1, 'provider.image': all }));
    const told = [
      await workspace.run('settings', 'check', 'checked.json'),
      await workspace.run('run', '--label', label),
      await workspace.run('jobs'),
      await workspace.run('images'),
      await workspace.run('run', '--label', label, '--set', `${all}=1`),
      await workspace.run('export', 'jobs', all),
      await workspace.run('jobs', '--workspace', `/nowhere/${all}`),
      await workspace.run(all),
    ];
    const [job] = (await workspace.json('jobs')) as { id: string; label: string }[];
    assert.ok(job !== undefined && job.label.includes('evil.example'));
    workspace.write('.vscode/settings.json', JSON.stringify({ 'genImageFactory.provider.image': all }));
    told.push(
      await workspace.run('run'),
      await workspace.run('job', job.id),
      await workspace.run('logs', job.id, '--debug'),
    );
    assert.equal(
      told.some(({ out, err }) => (out + err).includes('evil.example')),
      true,
    );
    // A prompt file has lines; all else is what a command says on lines of its own.
    const { out: prompts } = await workspace.run('preview');
    assertPlain(prompts);
    for (const { out, err } of told) {
      assertPlain(out);
      assertPlain(err);
      assert.doesNotMatch(out + err, /^Completed: everything/mu);
    }
  });
});
