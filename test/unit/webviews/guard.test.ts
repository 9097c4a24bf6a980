import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFromView } from '../../../src/extension/panels/guard.ts';
import { parseToView } from '../../../src/webviews/protocol.ts';

const request = (method: string, params: unknown): unknown => ({ kind: 'request', id: 1, method, params });

describe('Messages from a view', () => {
  it('a request that the contract names comes through with its values', () => {
    const params = {
      filter: { statuses: ['approved'], search: 'fox' },
      sort: 'newest',
      page: { limit: 100 },
    };
    assert.deepEqual(parseFromView(request('images.page', params)), {
      kind: 'request',
      id: 1,
      request: { method: 'images.page', params },
    });
  });

  for (const [what, message] of [
    ['an unknown request', request('images.dropAll', {})],
    ['a name of Object itself', request('constructor', {})],
    ['a name of its prototype', request('__proto__', {})],
    ['a path instead of an id', request('image.open', { path: '/etc/passwd' })],
    ['a path beside an id', request('image.open', { imageId: 'a', path: '/etc/passwd' })],
    ['an id as long as a file', request('image.get', { imageId: 'x'.repeat(65) })],
    ['a filter with words of its own', request('images.counts', { filter: { where: '1=1' } })],
    ['a status that does not exist', request('images.counts', { filter: { statuses: ['stolen'] } })],
    ['a page without end', request('images.page', { filter: {}, sort: 'newest', page: { limit: 1e9 } })],
    [
      'a negative offset',
      request('images.page', { filter: {}, sort: 'newest', page: { limit: 1, offset: -1 } }),
    ],
    ['nothing to delete', request('images.delete', { imageIds: [] })],
    [
      'an export to a path',
      request('exports.start', {
        what: { kind: 'job', jobId: 'a' },
        destinationId: null,
        onConflict: 'append',
        path: '/tmp/x',
      }),
    ],
    ['a key in the clear', request('keys.set', { provider: 'openai', key: 'sk-secret' })],
    ['a provider without keys', request('keys.set', { provider: 'sample' })],
    [
      'a way out to a command',
      request('remedy.apply', { remedy: { kind: 'command', id: 'workbench.action.terminal.new' } }),
    ],
    ['a setting outside its names', request('settings.save', { changes: { 'terminal.shell"': 'rm' } })],
    ['missing values', request('image.get', undefined)],
  ] as const) {
    it(`is refused and answered when it is ${what}`, () => {
      assert.equal(parseFromView(message).kind, 'refused');
    });
  }

  for (const message of [
    null,
    7,
    'ready',
    [],
    {},
    { kind: 'request' },
    { kind: 'ready', extra: 1 },
    { kind: 'cancel', id: -1 },
  ]) {
    it(`is dropped when it is no message at all: ${JSON.stringify(message)}`, () => {
      assert.equal(parseFromView(message).kind, 'unreadable');
    });
  }

  it('whatever is posted, reading it neither throws nor lets an unknown request through', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (params, method) => {
        const received = parseFromView(request(method, params));
        assert.ok(['request', 'refused', 'unreadable'].includes(received.kind));
        parseFromView(params);
      }),
      { numRuns: 500 },
    );
  });
});

describe('Messages to a view', () => {
  it('answers and notices of the host are read; messages of others on the same window are not', () => {
    assert.ok(parseToView({ kind: 'response', id: 3, ok: true, result: [] }));
    assert.ok(parseToView({ kind: 'notices', rev: 1, notices: [{ topic: 'changed', body: {} }] }));
    for (const other of [
      null,
      'x',
      { type: 'webpackOk' },
      { kind: 'response', id: 1.5, ok: true },
      { kind: 'response', id: 1, ok: false },
      { kind: 'notices', rev: 1, notices: [null] },
      { kind: 'notices', rev: 'x', notices: [] },
    ]) {
      assert.equal(parseToView(other), null, JSON.stringify(other));
    }
  });
});
