import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { toImageFilter, defaultFilter, isFiltered } from '../../../src/webviews/components/galleryFilter.ts';
import { readGalleryFilter } from '../../../src/webviews/components/galleryState.ts';
import { filterLog } from '../../../src/webviews/components/logFilter.ts';
import {
  emptySelection,
  extend,
  placeOf,
  toggle,
  toggleAll,
  withChosen,
  without,
} from '../../../src/webviews/components/selection.ts';
import { parseTags } from '../../../src/webviews/components/tags.ts';
import {
  columnsFor,
  maxTiles,
  scaleOf,
  tallest,
  topOfRow,
  windowOf,
} from '../../../src/webviews/components/virtualWindow.ts';
import { iconCodes } from '../../../src/webviews/components/iconCodes.ts';
import { endOfDay, startOfDay } from '../../../src/webviews/days.ts';
import type { LogEntry } from '../../../src/engine/model/events.ts';

describe('Icons', () => {
  it('every icon that views use is in the font, under the same code', () => {
    const csv = readFileSync('node_modules/@vscode/codicons/dist/codicon.csv', 'utf8');
    const codes = new Map(csv.split('\n').map((line) => [line.split(',')[0], line.trim().split(',').at(-1)]));
    for (const [name, code] of Object.entries(iconCodes)) {
      assert.equal(code.toString(16).toUpperCase(), codes.get(name), name);
    }
  });
});

describe('Rows in sight', () => {
  it('G2: never more than 300 tiles are in the page, whatever the size of the panel', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 8000 }),
        fc.integer({ min: 200, max: 5000 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (width, height, length, at) => {
          const { columns, tile } = columnsFor(width, height, 148, 8, 24);
          const rowHeight = tile + 32;
          const rows = Math.ceil(length / columns);
          const full = Math.min(rows * rowHeight, tallest);
          const top = at * Math.max(0, full - height);
          const { first, end } = windowOf({ rows, rowHeight, top, height, overscan: 0 });
          assert.ok((end - first) * columns <= maxTiles, `${end - first} rows of ${columns}`);
          assert.ok(first >= 0 && end <= rows);
        },
      ),
    );
  });

  it('the rows in the page cover all that is in sight', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 20, max: 400 }),
        fc.integer({ min: 100, max: 3000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, rowHeight, height, at) => {
          const full = Math.min(rows * rowHeight, tallest);
          const top = at * Math.max(0, full - height);
          const { first, end, offset, total } = windowOf({ rows, rowHeight, top, height, overscan: 1 });
          assert.equal(total, full);
          assert.ok(offset <= top + 0.01, 'nothing empty above');
          const bottom = offset + (end - first) * rowHeight;
          assert.ok(bottom >= Math.min(top + height, total) - 0.5 || end === rows, 'nothing empty below');
        },
      ),
    );
  });

  it('the last of a million rows is reached at the end of the bar', () => {
    const [rows, rowHeight, height] = [1_000_000, 180, 900];
    assert.ok(scaleOf(rows, rowHeight, height) > 1);
    const { end } = windowOf({ rows, rowHeight, top: tallest - height, height, overscan: 0 });
    assert.equal(end, rows);
    assert.ok(topOfRow(rows - 5, rows, rowHeight, height) <= tallest);
  });
});

describe('Selection', () => {
  it('click, ctrl and shift choose as in VS Code lists', () => {
    const one = toggle(emptySelection, 'b', 1);
    const two = toggle(one, 'd', 3);
    assert.deepEqual([...two.ids], ['b', 'd']);
    const range = extend(two, ['d', 'e', 'f'], { id: 'a', index: 0 });
    assert.deepEqual([...range.ids], ['b', 'd', 'e', 'f']);
    assert.deepEqual(range.anchor, { id: 'd', index: 3 });
    assert.deepEqual([...toggle(range, 'e', 4).ids], ['b', 'd', 'f']);
  });

  it('a range starts from what was chosen, wherever it stands by then', () => {
    const anchor = { id: 'b', index: 1 };
    assert.equal(placeOf(anchor, ['new', 'a', 'b']), 2);
    assert.equal(placeOf(anchor, ['far', 'away']), 1);
  });

  it('an act on what is chosen is about all that is, on another about that alone', () => {
    const chosen = toggle(toggle(emptySelection, 'b', 1), 'd', 3);
    assert.deepEqual(withChosen('d', chosen), ['b', 'd']);
    assert.deepEqual(withChosen('c', chosen), ['c']);
  });

  it('M3: Select All adds what the filter shows, and takes only that away again', () => {
    const before = toggle(emptySelection, 'elsewhere', 0);
    const all = toggleAll(before, ['a', 'b']);
    assert.deepEqual([...all.ids], ['elsewhere', 'a', 'b']);
    assert.deepEqual([...toggleAll(all, ['a', 'b']).ids], ['elsewhere']);
    assert.deepEqual([...without(all, ['a']).ids], ['elsewhere', 'b']);
    assert.equal(without(emptySelection, ['a']), emptySelection);
  });
});

describe('Days', () => {
  it('a day of a date field is a local day from its first to its last moment', () => {
    assert.equal(startOfDay('2026-03-29'), new Date(2026, 2, 29).getTime());
    assert.equal(endOfDay('2026-03-29'), new Date(2026, 2, 30).getTime());
    assert.equal(startOfDay(''), undefined);
    assert.equal(startOfDay('tomorrow'), undefined);
  });
});

describe('Gallery filter', () => {
  it('G1: asks for approved images first', () => {
    assert.deepEqual(toImageFilter(defaultFilter), { statuses: ['approved'] });
    assert.equal(isFiltered(defaultFilter), false);
  });

  it('either end of the days may be open, and a job view asks for its job only', () => {
    const bar = { ...defaultFilter, status: 'all', toDay: '2026-01-02', search: '  fox ' } as const;
    assert.deepEqual(toImageFilter(bar, 'job-1'), {
      jobIds: ['job-1'],
      to: new Date(2026, 0, 3).getTime(),
      search: 'fox',
    });
  });

  it('a kept filter is read back; what does not fit falls back to the default', () => {
    const bar = {
      ...defaultFilter,
      status: 'qcFailed',
      layout: 'list',
      job: { id: 'a', label: 'b' },
    } as const;
    assert.deepEqual(readGalleryFilter(JSON.parse(JSON.stringify(bar))), bar);
    assert.deepEqual(readGalleryFilter({ status: 'stolen', job: 7, fromDay: null }), defaultFilter);
    assert.deepEqual(readGalleryFilter('x'), defaultFilter);
  });
});

describe('Log filter', () => {
  const entries = [
    { level: 'info', message: 'Wrote the Prompt' },
    { level: 'error', message: 'No credit' },
  ] as LogEntry[];

  it('D4: finds words ignoring case, and rows by level', () => {
    assert.equal(filterLog(entries, { level: 'all', search: '' }), entries);
    assert.deepEqual(filterLog(entries, { level: 'all', search: 'pROMPT' }), [entries[0]]);
    assert.deepEqual(filterLog(entries, { level: 'error', search: '' }), [entries[1]]);
    assert.deepEqual(filterLog(entries, { level: 'error', search: 'prompt' }), []);
  });
});

describe('Tags', () => {
  it('are separated by commas or lines, trimmed, each once', () => {
    assert.deepEqual(parseTags(' red fox,,snow\nred fox , 猫'), ['red fox', 'snow', '猫']);
  });
});
