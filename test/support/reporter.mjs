/**
 * Mocha's spec reporter, which also appends one JSON line per run to the file that TEST_COUNTS names
 * (`{"name","passed","failed","seconds"}`), so that `npm test` adds up what really ran.
 */
import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env.TEST_COUNTS;
      if (file === undefined || file === '') return;
      const { passes, failures, duration } = this.stats;
      const name = process.env.TEST_NAME ?? 'mocha';
      const line = {
        name,
        passed: passes,
        failed: failures,
        seconds: Math.round((duration ?? 0) / 100) / 10,
      };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    });
  }
}
