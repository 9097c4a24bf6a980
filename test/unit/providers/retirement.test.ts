import assert from 'node:assert/strict';
import { otherRemovers, removerNotice, replacementsFor } from '../../../src/engine/providers/retirement.ts';
import { defaultHostSettings, defaultSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { fakeEndpoints } from '../../support/providers/fakes.ts';
import { said } from '../../support/engine/said.ts';

const endpoints = { ...fakeEndpoints(), removebg: defaultHostSettings()['endpoints.removebg'] };
const settings: Settings = {
  ...defaultSettings(),
  'processing.removeBackground': true,
  'provider.backgroundRemoval': 'removebg',
};
/** Announced as 09:00 in Central Europe. */
const end = Date.UTC(2026, 11, 1, 8);
const day = 24 * 60 * 60_000;

describe('the end of remove.bg', () => {
  it('L3: until that moment it is announced with its date, from then on it is told as past', () => {
    for (const now of [end - 30 * day, end - day, end - 1]) {
      const notice = removerNotice(settings, now, endpoints);
      assert.equal(notice?.ended, false);
      assert.match(
        said(notice),
        /^remove\.bg ends its self-service API on 2026-12-01: .*resumed later, fails/,
      );
    }
    for (const now of [end, end + day, end + 400 * day]) {
      const notice = removerNotice(settings, now, endpoints);
      assert.equal(notice?.ended, true);
      assert.match(said(notice), /^remove\.bg ended its self-service API on 2026-12-01: .*Choose another/);
    }
  });

  it('L3: it is the same moment in every time zone, and people are told the announced date', () => {
    const zone = process.env['TZ'];
    try {
      for (const name of ['Pacific/Kiritimati', 'Europe/Berlin', 'UTC', 'Pacific/Honolulu']) {
        process.env['TZ'] = name;
        const before = removerNotice(settings, end - 1, endpoints);
        const after = removerNotice(settings, end, endpoints);
        assert.deepEqual([before?.ended, after?.ended], [false, true], name);
        for (const notice of [before, after]) assert.match(said(notice), /2026-12-01/, name);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('L3: nothing is said where backgrounds stay, another remover works, or the address is of another service', () => {
    assert.equal(removerNotice({ ...settings, 'processing.removeBackground': false }, end, endpoints), null);
    assert.equal(
      removerNotice({ ...settings, 'provider.backgroundRemoval': 'runware' }, end, endpoints),
      null,
    );
    assert.equal(removerNotice(settings, end, fakeEndpoints()), null);
    assert.match(said(removerNotice(settings, end, null)), /Compatible services.*go on\.$/);
  });

  it('L3: those are offered whose service goes on, and none that only tries things out', () => {
    assert.deepEqual(otherRemovers(), [
      { label: 'Runware', changes: { 'provider.backgroundRemoval': 'runware' } },
    ]);
    assert.deepEqual(replacementsFor({ code: 'provider.retired' }), otherRemovers());
    assert.deepEqual(replacementsFor({ code: 'provider.auth' }), []);
    assert.deepEqual(replacementsFor(null), []);
  });
});
