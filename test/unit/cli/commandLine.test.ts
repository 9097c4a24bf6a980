import assert from 'node:assert/strict';
import { wholeNumberOf, parseCommandLine, textOf, choiceOf } from '../../../src/cli/commandLine.ts';
import type { CommandLine } from '../../../src/cli/commandLine.ts';
import { commands } from '../../../src/cli/commands.ts';
import { endpointsOf } from '../../../src/cli/context.ts';
import { helpText } from '../../../src/cli/help.ts';

function good(...args: string[]): CommandLine {
  const parsed = parseCommandLine(args);
  assert.equal(parsed.kind, 'command', JSON.stringify(parsed));
  return (parsed as { line: CommandLine }).line;
}

function bad(...args: string[]): string[] {
  const parsed = parseCommandLine(args);
  assert.equal(parsed.kind, 'bad');
  return (parsed as { problems: string[] }).problems;
}

describe('the arguments of the command line', () => {
  it('I1: options may stand anywhere, with a space or an equals sign', () => {
    const line = good(
      '--json',
      'run',
      '--set',
      'generation.count=12',
      '--set=provider.image=sample',
      '--label',
      'a b',
    );
    assert.equal(line.name, 'run');
    assert.deepEqual(line.texts.set, ['generation.count=12', 'provider.image=sample']);
    assert.equal(textOf(line, 'label'), 'a b');
    assert.ok(line.flags.has('json'));
  });

  it('I1: commands of two words are one command', () => {
    assert.deepEqual(good('export', 'images', 'abc123', '--no-metadata').operands, ['abc123']);
    assert.equal(good('settings', 'check', 'a.json').name, 'settings check');
  });

  it('I1: what follows -- is never an option', () => {
    assert.deepEqual(good('rerun', '--', '--json').operands, ['--json']);
  });

  it('I1: every bad argument is named at once', () => {
    assert.deepEqual(
      bad('run', '--frob', '--limit', '3', 'extra', '--label', 'a', '--label', 'b', '--json=yes'),
      [
        'There is no option --frob.',
        '--json takes no value.',
        '"run" has no option --limit.',
        '--label is given 2 times.',
        '"run" has no use for "extra".',
      ],
    );
    assert.deepEqual(bad('jobs', '--limit'), ['--limit needs a value (N).']);
    assert.deepEqual(bad('jobs', '--search', '--json'), ['--search needs a value (Q).']);
    assert.deepEqual(bad('resume'), ['"resume" needs JOB.']);
  });

  it('I1: a command that does not exist is named, with what could follow', () => {
    assert.deepEqual(bad('frob'), ['There is no command "frob".']);
    assert.deepEqual(bad('export'), ['"export" needs one of xlsx, jobs, images.']);
    assert.deepEqual(bad('export', 'pdf'), [
      'There is no command "export pdf". After export comes one of xlsx, jobs, images.',
    ]);
    assert.deepEqual(bad(), ['No command is given.']);
    assert.deepEqual(bad('constructor'), ['There is no command "constructor".']);
  });

  it('I1: numbers and words are checked', () => {
    const problems: string[] = [];
    const line = good('jobs', '--limit', '0', '--offset', 'x', '--sort', 'size');
    assert.equal(wholeNumberOf(line, 'limit', 1, problems), null);
    assert.equal(wholeNumberOf(line, 'offset', 0, problems), null);
    assert.equal(choiceOf(line, 'sort', ['newest', 'oldest', 'name'], 'newest', problems), 'newest');
    assert.deepEqual(problems, [
      '--limit is "0". Use a whole number of at least 1.',
      '--offset is "x". Use a whole number of at least 0.',
      '--sort is "size". Use newest, oldest, name.',
    ]);
  });

  it('S5: an address is https, or http on this computer, and of a service that exists', () => {
    const { endpoints, problems } = endpointsOf([
      'openai=https://proxy.example/v1?x=1',
      'runware=http://127.0.0.1:8080/v1',
      'nobody=https://a.example',
      'piapi',
    ]);
    assert.equal(endpoints.runware, 'http://127.0.0.1:8080/v1');
    assert.equal(endpoints.openai, 'https://api.openai.com/v1');
    assert.equal(problems.length, 3);
    for (const [i, name] of ['openai', 'nobody', 'piapi'].entries())
      assert.match(problems[i] ?? '', new RegExp(name, 'u'));
  });

  it('I1: the help names every command and every option of it', () => {
    const all = helpText(null);
    for (const [name, { options }] of Object.entries(commands)) {
      assert.ok(all.includes(`\n  ${name}`), name);
      const own = helpText(name as keyof typeof commands);
      for (const option of [...options, 'workspace', 'json'])
        assert.ok(own.includes(`--${option}`), `${name} --${option}`);
    }
    assert.deepEqual(parseCommandLine(['run', '--help']), { kind: 'help', name: 'run' });
    assert.deepEqual(parseCommandLine(['help', 'export', 'xlsx']), { kind: 'help', name: 'export xlsx' });
  });
});
