import assert from 'node:assert/strict';
import { pageHtml } from '../../../src/extension/panels/page.ts';

const page = (target: object): string =>
  pageHtml({
    view: 'gallery',
    title: 'Gallery',
    target,
    baseAddress: 'https://host/dist/webviews',
    chunks: ['chunk-a.js'],
    source: 'https://host',
    language: 'en',
  });

describe('The page of a view', () => {
  it('U8: runs the scripts that bear its nonce and no others, and loads from its own source only', () => {
    const html = page({});
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const nonce = /script-src 'nonce-([\w-]{32})'(;|$)/.exec(policy)?.[1];
    assert.ok(nonce !== undefined, policy);
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /unsafe|\*|http:/);
    // What a page could be made to load or send all the same: its base, forms, frames, workers, plug-ins.
    const rules = new Map(policy.split('; ').map((rule) => rule.split(/ (.*)/s, 2) as [string, string]));
    for (const name of ['base-uri', 'form-action']) assert.equal(rules.get(name), "'none'", name);
    for (const name of ['frame-src', 'object-src', 'connect-src', 'worker-src']) {
      assert.equal(rules.get(name) ?? rules.get('default-src'), "'none'", name);
    }
    const scripts = [...html.matchAll(/<script[^>]*>([^]*?)<\/script>/g)];
    assert.equal(scripts.length, 1);
    for (const [tag, inline] of scripts) {
      assert.ok(tag.includes(`nonce="${nonce}"`));
      assert.equal(inline, '');
    }
    assert.doesNotMatch(html, / on\w+=/);
    assert.notEqual(/nonce-([\w-]+)/.exec(page({}))?.[1], nonce, 'each page has its own');
  });

  it('U8: what a view is opened at cannot become markup', () => {
    const html = page({ jobId: '"><script>alert(1)</script>' });
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.ok(html.includes('&lt;script&gt;'));
  });
});
