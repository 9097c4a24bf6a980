import assert from 'node:assert/strict';
import { listenForStop } from '../../../src/cli/follow.ts';
import { barText, screenReporter } from '../../../src/cli/reporter.ts';
import { costFields } from '../../../src/cli/rows.ts';
import { printable } from '../../../src/cli/terminal.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { table } from '../../../src/cli/words.ts';

function screen(): { terminal: Terminal; printed: string[]; interrupt: (signal: string) => void } {
  const printed: string[] = [];
  const listeners = new Set<(signal: string) => void>();
  const terminal: Terminal = {
    out: (text) => printed.push(text),
    err: (text) => printed.push(text),
    screen: true,
    ask: null,
    columns: () => 60,
    cwd: '/',
    env: {},
    now: Date.now,
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { terminal, printed, interrupt: (signal) => listeners.forEach((listener) => listener(signal)) };
}

describe('what a terminal shows', () => {
  it('I6: the progress bar is one line that fits the terminal and is drawn again in place', () => {
    const { terminal, printed } = screen();
    const reporter = screenReporter(terminal);
    const progress = {
      jobId: 'j',
      step: 'Step 2/2: Image Generation',
      percent: 62,
      planned: 50,
      generated: 31,
      checked: 29,
      approved: 27,
      failed: 2,
      cost: { microUsd: 60_000, unknown: false },
      elapsedMs: 185_000,
      etaMs: 110_000,
    };
    reporter.progress(progress);
    reporter.progress({ ...progress, percent: 63 });
    const bar = printed[0] ?? '';
    assert.equal(bar.length, 59);
    assert.match(bar, /^ 62 % █{12}░{8} {2}31 of 50 · 29 checked/u);
    assert.equal(printed[1], '\r\u001b[2K');
    assert.match(printed[2] ?? '', /^ 63 %/u);
    reporter.log({ seq: 1, jobId: 'j', imageId: null, at: 0, level: 'warn', debug: false, message: 'look' });
    assert.equal(printed[3], '\r\u001b[2K');
    assert.match(printed[4] ?? '', /^\[\d\d:\d\d:\d\d\] \[WARN\] look\n$/u);
    assert.match(printed[5] ?? '', /^ 63 %/u);
    assert.equal(barText(0, 'x'), `  0 % ${'░'.repeat(20)}  x`);
    assert.equal(barText(100, 'x'), `100 % ${'█'.repeat(20)}  x`);
  });

  it('I6: text of models cannot steer the terminal', () => {
    assert.equal(printable('a\u001b[31mb\r\u0007\u009bc\nd'), 'a [31mb   c\nd');
  });

  it('B2: an unknown price is null or a lower bound, never 0', () => {
    assert.deepEqual(costFields({ microUsd: 22_800, unknown: false }), { cost: 0.0228 });
    assert.deepEqual(costFields({ microUsd: 0, unknown: true }), { cost: null, costUnknown: true });
    assert.deepEqual(costFields({ microUsd: 3800, unknown: true }), { cost: 0.0038, costUnknown: true });
  });

  it('I6: tables line up', () => {
    assert.equal(
      table([
        ['A', 'LONG'],
        ['bbb', 'c'],
      ]),
      'A    LONG\nbbb  c',
    );
  });

  it('I7: one Ctrl+C that arrives twice stops, a second one forces', () => {
    const { terminal, interrupt } = screen();
    let now = 0;
    const signals = listenForStop(terminal, () => now);
    interrupt('SIGINT');
    now += 5;
    interrupt('SIGINT');
    assert.deepEqual([signals.stop.aborted, signals.force.aborted], [true, false]);
    now += 1000;
    interrupt('SIGINT');
    assert.deepEqual([signals.stop.aborted, signals.force.aborted], [true, true]);
    signals.end();
  });
});
