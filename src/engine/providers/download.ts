/** Fetching images from addresses that a provider named: untrusted output of a remote service. */
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { maxImageBytes, maxSvgBytes } from '../model/imageLimits.ts';
import { hostOf, isLoopbackUrl } from './addresses.ts';
import type { Http, HttpAnswer } from './http.ts';
import type { CallContext } from './provider.ts';
import type { Redact } from './redaction.ts';
import { retryAfterOf } from './retry.ts';
import { messages } from './messages.ts';
import { inWords } from '../model/message.ts';

const maxRedirects = 3;
/** One download, whatever the time limit of a generation. */
const longestDownloadMs = 120_000;
const redirects = new Set([301, 302, 303, 307, 308]);

export interface DownloadRules {
  http: Http;
  /** Who named the address, as people read it. */
  service: string;
  /** Base address of that provider: a local one may name local addresses, nobody else may. */
  endpoint: string;
  /** Domain that the images must come from (and its subdomains); null for any public host. */
  domain: string | null;
  redact: Redact;
  now: () => number;
}

/**
 * The bytes behind an address, at most 64 MB (SVG: 5 MB). Follows three redirects and checks each; sends no
 * key. Fails with `image.blockedAddress`, `image.tooLarge`, `notFound` (404, 410), `provider.unavailable`,
 * `provider.rateLimited`, `provider.badAnswer`, `network.*`.
 */
export async function fetchImage(
  url: string,
  kind: 'raster' | 'svg',
  rules: DownloadRules,
  context: CallContext,
): Promise<Uint8Array> {
  let address = url;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const target = checkedAddress(address, rules);
    const answer = await fetchOnce(target, kind, rules, context);
    if (!redirects.has(answer.status)) return answer.body;
    const location = answer.headers['location'];
    if (location === undefined) break;
    if (!URL.canParse(location, target.href)) throw blockedAddress(rules, location);
    address = new URL(location, target).href;
    if (target.protocol === 'https:' && address.startsWith('http:')) throw blockedAddress(rules, address);
  }
  throw new FactoryError(
    'image.blockedAddress',
    messages.tooManyRedirects({ service: rules.service, most: maxRedirects }),
  );
}

async function fetchOnce(
  target: URL,
  kind: 'raster' | 'svg',
  rules: DownloadRules,
  context: CallContext,
): Promise<HttpAnswer> {
  const limit = kind === 'svg' ? maxSvgBytes : maxImageBytes;
  const started = rules.now();
  try {
    const answer = await rules.http.request({
      url: target.href,
      method: 'GET',
      service: inWords(messages.imageHost({ service: rules.service })),
      headers: { accept: 'image/*' },
      signal: context.signal,
      timeoutMs: Math.min(context.timeoutMs, longestDownloadMs),
      maxBytes: limit,
      publicOnly: !isLoopbackUrl(target),
    });
    context.debug(
      rules.redact(
        `download ${target.origin}${target.pathname}: HTTP ${answer.status}, ${answer.body.length} bytes, ` +
          `${rules.now() - started} ms`,
      ),
    );
    if (answer.status !== 200 && !redirects.has(answer.status)) throw statusError(answer, rules);
    if (answer.status === 200 && answer.body.length === 0) {
      throw new FactoryError('provider.badAnswer', messages.hostSilent({ service: rules.service }));
    }
    return answer;
  } catch (error) {
    if (isFactoryError(error, 'image.tooLarge')) {
      throw new FactoryError(
        'image.tooLarge',
        messages.imageTooLarge({ service: rules.service, megabytes: limit / 1024 / 1024 }),
      );
    }
    throw error;
  }
}

function checkedAddress(address: string, rules: DownloadRules): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new FactoryError('image.blockedAddress', messages.noValidAddress({ service: rules.service }));
  }
  const local = isLoopbackUrl(url);
  const mayBeLocal = isLoopbackUrl(new URL(rules.endpoint));
  const host = hostOf(url).toLowerCase();
  const allowed = local
    ? mayBeLocal && /^https?:$/.test(url.protocol)
    : url.protocol === 'https:' &&
      url.port === '' &&
      (rules.domain === null || host === rules.domain || host.endsWith(`.${rules.domain}`));
  if (!allowed || url.username !== '' || url.password !== '') throw blockedAddress(rules, address);
  return url;
}

function blockedAddress(rules: DownloadRules, address: string): FactoryError {
  let where = 'it';
  try {
    where = new URL(address).host || address.slice(0, 20);
  } catch {
    // The address itself is not worth showing.
  }
  return new FactoryError(
    'image.blockedAddress',
    messages.addressNotAllowed({ service: rules.service, where }),
  );
}

function statusError(answer: HttpAnswer, rules: DownloadRules): FactoryError {
  const { status } = answer;
  const { service } = rules;
  const retryAfterMs = retryAfterOf(answer.headers, rules.now());
  const more = { httpStatus: status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status === 404 || status === 410) {
    return new FactoryError('notFound', messages.imageGone({ service, status }), more);
  }
  if (status === 429) {
    return new FactoryError('provider.rateLimited', messages.hostBusy({ service }), more);
  }
  if (status >= 500 || status === 408) {
    return new FactoryError('provider.unavailable', messages.hostDown({ service, status }), more);
  }
  return new FactoryError('image.invalid', messages.downloadRefused({ service, status }), more);
}
