/** The HTML of a view: a policy, a style sheet, one script, one element. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ViewName, ViewTarget } from '../../webviews/protocol.ts';

export interface PageOptions {
  view: ViewName;
  title: string;
  target: ViewTarget;
  /** Where `dist/webviews` is for this panel, without a slash at the end. */
  baseAddress: string;
  /** What the view's script imports, by names below `baseAddress`: asked for along with it instead of after it. */
  chunks: readonly string[];
  /** `webview.cspSource`. */
  source: string;
  /** BCP 47 tag. */
  language: string;
}

/** Names of the chunks that a view's script imports, as the build wrote them beside it; without them it is only slower. */
export function chunksOf(folder: string, view: ViewName): string[] {
  try {
    const chunks = JSON.parse(readFileSync(join(folder, 'chunks.json'), 'utf8')) as Record<string, string[]>;
    return chunks[view] ?? [];
  } catch {
    return [];
  }
}

function escapeAttribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Scripts run by nonce only; images come from the listed roots only; nothing else loads. */
export function pageHtml(options: PageOptions): string {
  const nonce = randomBytes(24).toString('base64url');
  const { source, baseAddress, view } = options;
  const policy = [
    `default-src 'none'`,
    // Neither follows from the line above.
    `base-uri 'none'`,
    `form-action 'none'`,
    `img-src ${source} data:`,
    `font-src ${source}`,
    `style-src ${source} 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  const a = escapeAttribute;
  const preloads = options.chunks.map(
    (name) => `<link rel="modulepreload" nonce="${nonce}" href="${a(`${baseAddress}/${name}`)}">\n`,
  );
  return `<!DOCTYPE html>
<html lang="${a(options.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${a(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${a(options.title)}</title>
${preloads.join('')}<link rel="stylesheet" href="${a(`${baseAddress}/${view}.css`)}">
<script type="module" nonce="${nonce}" src="${a(`${baseAddress}/${view}.js`)}"></script>
</head>
<body>
<factory-${view} data-target="${a(JSON.stringify(options.target))}"></factory-${view}>
</body>
</html>`;
}
