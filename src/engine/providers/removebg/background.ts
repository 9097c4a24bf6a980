/** Cutting out by remove.bg or a service that speaks like it (`/v1.0/removebg`). */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FactoryError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Message } from '../../model/message.ts';
import type { Settings } from '../../settings/settings.ts';
import { guarded, serviceWords, jsonOf, withoutRecovery, type Account } from '../account.ts';
import type { HttpAnswer } from '../http.ts';
import { mimeOf } from '../imageBytes.ts';
import type { PixelOperations } from '../pixelOperations.ts';
import type { BackgroundRemover, BackgroundResult, Billed, CallContext } from '../provider.ts';
import { endOf } from '../retirement.ts';
import { isAnswerLost, retryAfterOf } from '../retry.ts';
import { messages } from '../messages.ts';
import { messages as ownMessages } from './messages.ts';

export type RemoveBgSize = Settings['processing.removeBgSize'];

/** Above this the service refuses the file. */
const maxFileBytes = 22 * 1024 * 1024;
/** Results in PNG have at most ten megapixels, in WebP more. */
const maxPngPixels = 10_000_000;
/** Input above this is refused. */
const maxPixels = 50_000_000;
/** What the service asks for when it does not say. */
const defaultWaitMs = 10_000;

export function removeBgUrl({ endpoint }: Account, path: 'removebg' | 'account'): string {
  return `${endpoint.replace(/\/v1\.0$/, '')}/v1.0/${path}`;
}

export function createRemoveBg(
  account: Account,
  size: RemoveBgSize,
  images: PixelOperations,
): BackgroundRemover {
  const remove = async (image: Uint8Array, context: CallContext): Promise<Billed<BackgroundResult>> => {
    let source = image;
    let shrunk = false;
    const before = images.sizeOf(image);
    const pixels = before.width * before.height;
    if (image.length > maxFileBytes || pixels > maxPixels) {
      // Bytes fall about as pixels do.
      const fitting = Math.min(maxPixels, (pixels * maxFileBytes * 0.8) / image.length);
      source = await images.shrink(image, Math.floor(fitting), context.signal);
      shrunk = true;
    }
    for (;;) {
      try {
        return await send(source, context);
      } catch (error) {
        // Nothing is charged for a refused image; it is made smaller once.
        if (shrunk || !(error instanceof FactoryError) || error.code !== 'image.tooLarge') throw error;
        const { width, height } = images.sizeOf(source);
        source = await images.shrink(source, (width * height) / 4, context.signal);
        shrunk = true;
        context.debug('removebg: the image was too large; sent again at half the width and height');
      }
    }
  };

  const send = async (image: Uint8Array, context: CallContext): Promise<Billed<BackgroundResult>> => {
    const source = images.sizeOf(image);
    const form = multipart(
      { size, format: source.width * source.height > maxPngPixels ? 'webp' : 'png' },
      { name: 'image_file', mime: mimeOf(image), bytes: image },
    );
    const started = account.now();
    const answer = await account.http.request({
      url: removeBgUrl(account, 'removebg'),
      method: 'POST',
      service: account.service,
      headers: { 'x-api-key': account.key, 'content-type': form.type, accept: 'image/*' },
      body: form.body,
      signal: context.signal,
      timeoutMs: context.timeoutMs,
      maxBytes: 128 * 1024 * 1024,
      fresh: true,
    });
    const charged = answer.headers['x-credits-charged'];
    context.debug(
      `removebg: HTTP ${answer.status}, ${answer.body.length} bytes, ${account.now() - started} ms` +
        (charged === undefined ? '' : `, ${charged} credits charged`),
    );
    if (answer.status !== 200) throw removeBgError(account, answer);
    if (!/^image\/(png|webp)\b/.test(answer.headers['content-type'] ?? '') || answer.body.length === 0) {
      throw new FactoryError('provider.badAnswer', ownMessages.removedNothing());
    }
    checkSize(answer, source, size);
    return {
      value: { bytes: answer.body },
      costMicroUsd: null,
      requestId: answer.headers['x-request-id'] ?? null,
    };
  };

  return {
    name: 'removebg',
    recoverable: false,
    remove: (image, _requestId, context) =>
      guarded(account, context, async (clean) => {
        try {
          return await remove(image, clean);
        } catch (error) {
          if (isRetired(account, error)) throw retired(account, error);
          if (isAnswerLost(error)) throw withoutRecovery(account, messages.removal(), error);
          throw error;
        }
      }),
    recover: () => Promise.resolve({ state: 'cannotAsk' }),
    worstPrice: () => null,
  };
}

/** With too few credits the service silently answers with a small image: that is no result. */
function checkSize(answer: HttpAnswer, source: { width: number; height: number }, size: RemoveBgSize): void {
  const width = Number(answer.headers['x-width']);
  const height = Number(answer.headers['x-height']);
  if (size === 'preview' || !(width > 0) || !(height > 0)) return;
  // 25 megapixels is the most of `auto` and `full`; rounding of a side is no loss.
  const expected = Math.min(source.width * source.height, size === '50MP' ? 50_000_000 : 25_000_000);
  if (width * height >= expected * 0.98) return;
  throw new FactoryError(
    'provider.credit',
    ownMessages.tooFewCredits({ width, height, fullWidth: source.width, fullHeight: source.height }),
  );
}

const errorBody = z.looseObject({
  errors: z
    .array(
      z.looseObject({
        title: z.string().catch(''),
        code: z.string().nullish().catch(null),
        detail: z.string().nullish().catch(null),
      }),
    )
    .min(1),
});

const tooLarge = new Set(['file_too_large', 'resolution_too_high']);
const badImage = new Set([
  'failed_to_read_image',
  'invalid_file_type',
  'invalid_dimensions',
  'missing_source',
]);

/** A refusal of the service (never charged) as an error of ours. */
function removeBgError(account: Account, answer: HttpAnswer): FactoryError {
  const first = errorBody.safeParse(jsonOf(answer.body)).data?.errors[0];
  const { status } = answer;
  // One recorded answer had no code: the title stands in.
  const name = first?.code ?? first?.title ?? '';
  const code = name === '' ? `status ${status}` : name;
  const says = serviceWords(account, [first?.title, first?.detail].filter(Boolean).join(': '));
  const { service } = account;
  const make = (kind: ErrorCode, told: Message, retryAfterMs?: number): FactoryError =>
    new FactoryError(kind, told, {
      provider: account.provider,
      httpStatus: status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  const asked = retryAfterOf(answer.headers, account.now());
  if (status === 401 || status === 403) {
    return make('provider.auth', messages.keyInvalid({ service, code, says }));
  }
  if (status === 402) {
    return make('provider.credit', messages.fewCredits({ service, code, says }));
  }
  if (status === 404 || status === 410) {
    return make('provider.retired', messages.removesNoMore({ service, code, says }));
  }
  if (status === 429) {
    return make('provider.rateLimited', messages.rateLimited({ service, says }), asked ?? defaultWaitMs);
  }
  if (status >= 500 || status === 408) {
    return make(
      'provider.unavailable',
      messages.noAnswer({ service, code: `status ${status}`, says }),
      asked,
    );
  }
  if (status >= 300 && status < 400) {
    return make('provider.retired', messages.moved({ service, status, says }));
  }
  if (name === 'unknown_foreground') {
    return make('content.refused', messages.nothingToCutOut({ service, code, says }));
  }
  if (tooLarge.has(name) || status === 413) {
    return make('image.tooLarge', messages.tooLargeFor({ service, code, says }));
  }
  if (badImage.has(name)) return make('image.invalid', messages.imageNotRead({ service, code, says }));
  return make('input.invalid', messages.imageRefused({ service, code, says }));
}

/** Who refuses an image has looked at it: for customers with a contract of their own the service goes on. */
const ofImage: ReadonlySet<ErrorCode> = new Set(['content.refused', 'image.invalid', 'image.tooLarge']);

/** Since its announced end, whatever else goes wrong at the service's own host means that it is gone. */
function isRetired(account: Account, error: unknown): error is FactoryError {
  if (!(error instanceof FactoryError) || error.code === 'cancelled') return false;
  return !ofImage.has(error.code) && endOf(account) !== null;
}

function retired(account: Account, error: FactoryError): FactoryError {
  return new FactoryError(
    'provider.retired',
    messages.ended({ service: account.service, what: endOf(account) ?? 'service', words: error.message }),
    { provider: account.provider },
  );
}

function multipart(
  fields: Record<string, string>,
  file: { name: string; mime: string; bytes: Uint8Array },
): { type: string; body: Buffer } {
  const boundary = `factory-${randomUUID()}`;
  const extension = file.mime.replace('image/', '').replace('jpeg', 'jpg');
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="${file.name}"; filename="image.${extension}"\r\n` +
    `Content-Type: ${file.mime}\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([
      Buffer.from(parts.join('') + head),
      file.bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}
