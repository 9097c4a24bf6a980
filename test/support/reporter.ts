/**
 * Mocha's spec reporter, which also appends one JSON line per run to the file that TEST_COUNTS names
 * (`{"name","passed","failed","retried","seconds"}`), so that `npm test` adds up what really ran. A test that
 * gets a second try is named with what its first one died of.
 */
import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { MochaOptions, Runner, Test } from 'mocha';

// Mocha loads a reporter by its default export.
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    let retried = 0;
    runner.on('retry', (test: Test, error: Error) => {
      retried += 1;
      console.log(`    ↻ second try of "${test.fullTitle()}": ${error.message}`);
    });
    runner.once('end', () => {
      const file = process.env['TEST_COUNTS'];
      if (file === undefined || file === '') return;
      const { passes, failures, duration } = this.stats;
      const name = process.env['TEST_NAME'] ?? 'mocha';
      const seconds = Math.round((duration ?? 0) / 100) / 10;
      appendFileSync(
        file,
        `${JSON.stringify({ name, passed: passes, failed: failures, retried, seconds })}\n`,
      );
    });
  }
}
