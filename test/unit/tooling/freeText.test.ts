import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { ESLint, Linter } from 'eslint';
import { noFreeText } from '../../../scripts/eslint/noFreeText.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function found(code: string): number {
  return new Linter().verify(code, {
    plugins: { engine: { rules: { 'no-free-text': noFreeText } } },
    rules: { 'engine/no-free-text': 'error' },
  }).length;
}

describe('The rule that what people are told stands in messages.ts', () => {
  it('finds sentences, parts of them and labels, however they are made', () => {
    for (const code of [
      "warnings.push('The file has changed.');",
      'const notice = `${path} does not exist any more.`;',
      "const why = cutOff ? 'the answer was cut off' : null;",
      "const labels = { showLog: 'Show Log', reload: 'Reload' };",
      "throw new FactoryError('conflict', say('It has ended.'));",
    ]) {
      assert.ok(found(code) > 0, code);
    }
  });

  it('leaves names, SQL and what is for programmers', () => {
    for (const code of [
      "throw new TypeError('A transaction must not wait.');",
      'context.debug(`sent again without ${name}`);',
      "if (error.name === 'AbortError' || kind === 'Error') stop();",
      "db.sql('UPDATE jobs SET status = ? WHERE seq = ?');",
      "update(db, 'status = @status, error = @error');",
      "set('content-type', 'image/svg+xml');",
      'tell(messages.ended({ label }));',
    ]) {
      assert.equal(found(code), 0, code);
    }
  });

  it('is in force in each room of the engine', async () => {
    const eslint = new ESLint({ cwd: root });
    for (const room of [
      'factory/open',
      'planning/plan',
      'settings/check',
      'keywords/hints',
      'providers/http',
      'providers/remedies',
      'store/database',
      'queue/queue',
      'runner/runJob',
      'pipeline/gate',
      'exports/zip',
      'images/sniff',
      'files/files',
      'model/leftOut',
    ]) {
      const { rules } = (await eslint.calculateConfigForFile(`${root}/src/engine/${room}.ts`)) as {
        rules: Linter.RulesRecord;
      };
      assert.deepEqual(rules['engine/no-free-text'], [2], room);
    }
  });
});
