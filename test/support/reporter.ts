/**
 * Mocha's spec reporter, which also appends one JSON line per run to the file that TEST_COUNTS names
 * (`{"name","passed","failed","seconds"}`), so that `npm test` adds up what really ran.
 */
import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { MochaOptions, Runner } from 'mocha';

// Mocha loads a reporter by its default export.
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const file = process.env['TEST_COUNTS'];
      if (file === undefined || file === '') return;
      const { passes, failures, duration } = this.stats;
      const name = process.env['TEST_NAME'] ?? 'mocha';
      const seconds = Math.round((duration ?? 0) / 100) / 10;
      appendFileSync(file, `${JSON.stringify({ name, passed: passes, failed: failures, seconds })}\n`);
    });
  }
}
