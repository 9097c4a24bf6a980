/** Keeps keys, signed addresses and image bytes out of every message that leaves the providers. */
import { shortenLine } from '../model/shorten.ts';

export type Redact = (text: string) => string;

const mask = '[redacted]';
const longestMessage = 500;

/** Longer texts are cut before they are looked at: nobody reads more of a message. */
const longestText = 50_000;

const patterns: readonly [RegExp, string][] = [
  [/data:[\w.+/-]*(?:;[\w=.-]+)*;base64,[A-Za-z0-9+/=_-]*/gi, '[data]'],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${mask}`],
  [/\bsk-[A-Za-z0-9_*-]{4,}/g, mask],
  [
    /(["']?\b(?:api[-_]?key|x-api-key|authorization|proxy-authorization|access[-_]?token|token|cookie|uploadEndpoint)\b["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi,
    `$1${mask}`,
  ],
  // User info of an address.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']*@/gi, '$1'],
];

/** Everything after `?` or `#` of an address: signatures live there. Each word is looked at once. */
function withoutQueries(text: string): string {
  return text.replace(/[^\s"'<>]+/g, (word) => {
    const start = word.search(/https?:\/\//i);
    const end = start < 0 ? -1 : word.slice(start).search(/[?#]/);
    return end < 0 ? word : `${word.slice(0, start + end)}?${mask}`;
  });
}

/** Every form in which a secret may turn up in a message. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
    base64.replaceAll('=', ''),
    Buffer.from(secret, 'utf8').toString('base64url'),
  ];
}

/** Makes the redactor of these keys. Texts shorter than four characters are too common to be masked. */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= 4).flatMap(formsOf))].sort(
    (a, b) => b.length - a.length,
  );
  const longestForm = forms[0]?.length ?? 0;
  return (text) => {
    let clean = text.slice(0, longestText);
    for (const form of forms) clean = clean.replaceAll(form, mask);
    // Where it was cut, half a key may stand.
    if (text.length > longestText) clean = clean.slice(0, clean.length - longestForm);
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
    return withoutQueries(clean).replace(/[A-Za-z0-9+/_-]{96,}={0,2}/g, '[data]');
  };
}

/** What a provider says about an error, as it may be shown: redacted, on one line, at most 500 characters. */
export function quotedForMessage(redact: Redact, text: string): string {
  return shortenLine(redact(text), longestMessage);
}
