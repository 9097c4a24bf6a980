import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { isInside, toStored, wayInside } from '../../../src/engine/files/inside.ts';
import { safeName, uniqueNames } from '../../../src/engine/files/names.ts';

describe('names from outside', () => {
  it('X6: a name from outside becomes the name of one file on every system', () => {
    for (const [given, safe] of [
      ['..\\..\\evil.bat', 'evil.bat'],
      ['../../evil.png', 'evil.png'],
      ['C:\\Windows\\cat.png', 'cat.png'],
      ['cat.png:hidden.exe', 'cat.png_hidden.exe'],
      ['CON.png', '_CON.png'],
      ['con .png', '_con .png'],
      ['LPT¹.tar.png', '_LPT¹.tar.png'],
      ['nul', '_nul'],
      ['cat.png. . ', 'cat.png'],
      ['   cat.png', 'cat.png'],
      ['cat\u202Egnp.exe', 'catgnp.exe'],
      ['cat\r\n\u001B[2J.png', 'cat[2J.png'],
      ['cat\u200B\u2066.png', 'cat.png'],
      ['a<b>c"d|e?f*g.png', 'a_b_c_d_e_f_g.png'],
      ['..', 'file'],
      ['', 'file'],
      ['\u0000', 'file'],
      ['Füchse 秋.png', 'Füchse 秋.png'],
    ] as const) {
      assert.equal(safeName(given), safe, JSON.stringify(given));
    }
    const long = safeName(`${'狐'.repeat(300)}.webp`);
    assert.ok(Buffer.byteLength(long) <= 200);
    assert.ok(long.endsWith('.webp'));
  });

  it('X6: whatever the name, what comes of it is safe, and safe names stay as they are', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('.', ' ', '\\', '/', ':', 'c', 'o', 'n', '\u202E', '狐'),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), hostile), (given) => {
        const safe = safeName(given);
        assert.ok(Buffer.byteLength(safe) <= 201);
        assert.match(safe, /^[^<>:"/\\|?*\p{C}]*[^<>:"/\\|?*\p{C}. ]$/u);
        assert.doesNotMatch(safe, /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
        assert.equal(safeName(safe), safe);
      }),
    );
  });

  it('X6: names that some system takes for the same one differ', () => {
    const nameFor = uniqueNames();
    assert.deepEqual(
      ['cat.png', 'CAT.png', 'a/cat.png', 'cat.png.', 'straße.png', 'STRASSE.png'].map(nameFor),
      ['cat.png', 'CAT-2.png', 'cat-3.png', 'cat-4.png', 'straße.png', 'STRASSE-2.png'],
    );
  });
});

describe('paths as texts', () => {
  it('W2: a name that begins with two dots lies inside, the folder above does not', () => {
    const root = join('/', 'work');
    for (const way of ['..x', '..x/cat.png', '...', '..a/../cat.png', 'a/..b/cat.png']) {
      assert.ok(isInside(root, join(root, way)), way);
    }
    for (const way of ['..', '../x', '../work', '', '.', '..x/..', '../..x']) {
      assert.equal(wayInside(root, join(root, way)), null, way);
    }
    assert.equal(toStored(root, join(root, '..x', 'cat.png')), '..x/cat.png');
    assert.equal(toStored(root, join('/', 'workshop', 'cat.png')), join('/', 'workshop', 'cat.png'));
  });
});
