import assert from 'node:assert/strict';
import { formatDuration } from '../../../src/engine/model/duration.ts';
import { defaultLabel, shownLabel } from '../../../src/engine/model/label.ts';
import { momentFormat } from '../../../src/engine/model/moment.ts';
import { wallTime } from '../../../src/engine/model/wallTime.ts';

describe('words that every view and export has in common', () => {
  const at = new Date(2026, 2, 4, 5, 6, 7).getTime();

  it('D7: durations are told in seconds, minutes and hours', () => {
    const shown = [0, 400, 59_000, 60_000, 125_000, 3_600_000, 7_265_000].map(formatDuration);
    assert.deepEqual(shown, ['0s', '0s', '59s', '1m 0s', '2m 5s', '1h 0m 0s', '2h 1m 5s']);
  });

  it('D5: a job without a name is called by its local time, a rerun by its original and its own short id', () => {
    assert.equal(defaultLabel(at), 'job_20260304_050607');
    const rerun = { id: '11111111-2222-4333-8444-555555abc123', label: 'Autumn', rerun: true };
    assert.equal(shownLabel(rerun), 'Autumn (Rerun abc123)');
  });

  it('W6: a moment is told in the time of this computer, year first', () => {
    assert.equal(wallTime(at), '2026-03-04 05:06');
  });

  it('W6: views and trees write a moment in the language of the window, without seconds', () => {
    assert.match(momentFormat('en').format(at), /^Mar 4, 2026, 5:06\sAM$/);
    assert.equal(momentFormat('de').format(at), '04.03.2026, 05:06');
  });
});
