/** remove.bg: real multipart, one source, the sizes and credits of the real one. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { removalWithout } from './contract.ts';
import { Readable } from 'node:stream';
import busboy from 'busboy';
import { cutOutPng, sizeOf } from './images.ts';
import type { Fault } from './script.ts';
import { json, type Fake, type Reply, type ServiceDefinition, type Understood } from './service.ts';
import { canPay, charge, type State } from './state.ts';

interface Form {
  fields: Record<string, string>;
  files: { name: string; bytes: Buffer }[];
}

const credit = 1_000_000;
const knownFields = [
  'size',
  'format',
  'type',
  'type_level',
  'channels',
  'crop',
  'crop_margin',
  'roi',
  'scale',
  'position',
  'semitransparency',
  'image_url',
  'image_file_b64',
  'bg_color',
  'bg_image_url',
  'shadow_type',
  'shadow_opacity',
];
const titles: Record<string, string> = {
  auth_failed: 'API Key invalid',
  insufficient_credits: 'Insufficient credits',
  rate_limit_exceeded: 'Rate limit exceeded',
  missing_source: 'No image given',
  multiple_sources:
    'Multiple image sources given: Please provide either the image_url, image_file or image_file_b64 parameter.',
  invalid_file_type: 'Invalid file type',
  file_too_large: 'File too large',
  resolution_too_high: 'Resolution too high',
  unknown_foreground: 'Could not identify foreground in image.',
};
const codes: Record<number, string> = {
  402: 'insufficient_credits',
  403: 'auth_failed',
  429: 'rate_limit_exceeded',
};

function refused(status: number, code: string, title?: string): Reply {
  return json(status, {
    errors: [{ title: title ?? titles[code] ?? code, ...(code === '' ? {} : { code }) }],
  });
}

export const removebg: Fake = {
  endpoint: (api) => api,
  answers: ({ url = '' }) => url.startsWith('/v1.0/'),
  key: (random) => random().slice(0, 24),
  service,
  contract: {
    backgroundRemoval: {
      refuses: { status: 400, code: 'unknown_foreground' },
      cost: 'unknown',
      lostForGood: true,
      codes: {
        'status 404': 'provider.retired',
        // Its answer is the image itself: a damaged one is found where images are read.
        'JSON that ends early': null,
      },
      without: removalWithout,
    },
  },
};

function service(state: State): ServiceDefinition {
  return {
    service: 'removebg',
    understand: async (request, bytes): Promise<Understood> => {
      const account = request.url === '/v1.0/account';
      const understood: Understood = {
        kind: account ? 'account' : 'removeBackground',
        task: null,
        text: '',
        body: null,
        refusal: null,
        work: () => json(200, accountOf(state)),
      };
      if (state.options.removeBgRetired === true) {
        const body = '<html><body><h1>remove.bg has moved</h1></body></html>';
        return { ...understood, refusal: { status: 410, headers: { 'content-type': 'text/html' }, body } };
      }
      if (request.headers['x-api-key'] !== state.keys.removebg)
        return { ...understood, refusal: refused(403, 'auth_failed') };
      if (account) return understood;
      if (request.url !== '/v1.0/removebg' || request.method !== 'POST') {
        return { ...understood, refusal: refused(404, '', 'Not found') };
      }
      const form = await readForm(request, bytes);
      const file = form?.files[0];
      const key = file === undefined ? '' : createHash('sha256').update(file.bytes).digest('hex');
      const known = { ...understood, text: key, body: form?.fields ?? null };
      const wrong = wrongWith(form);
      if (wrong !== null || form === null || file === undefined) {
        return { ...known, refusal: wrong ?? refused(400, 'missing_source') };
      }
      return { ...known, work: (fault) => cutOut(state, form.fields, file.bytes, key, fault) };
    },
    error: (status, code, message) => {
      if (status === 502) {
        return {
          status,
          headers: { 'content-type': 'text/html' },
          body: '<html><h1>502 Bad Gateway</h1></html>',
        };
      }
      const known = code === '' ? (codes[status] ?? '') : code;
      const reply = refused(status, known, titles[known] ?? message);
      return status === 429 ? { ...reply, headers: { ...reply.headers, 'retry-after': '1' } } : reply;
    },
  };
}

function accountOf(state: State): unknown {
  const total = (state.options.credit?.removebg ?? 4943 * credit) / credit;
  return {
    data: {
      attributes: {
        credits: { subscription: total, payg: 0, enterprise: 0, total },
        api: { free_calls: 0, sizes: 'all' },
      },
    },
  };
}

/** Null when the body is no form. */
function readForm(request: IncomingMessage, bytes: Buffer): Promise<Form | null> {
  return new Promise((resolve) => {
    const form: Form = { fields: {}, files: [] };
    try {
      const parser = busboy({ headers: request.headers });
      parser.on('field', (name, value) => {
        form.fields[name] = value;
      });
      parser.on('file', (name, stream) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => form.files.push({ name, bytes: Buffer.concat(chunks) }));
      });
      parser.on('close', () => resolve(form));
      parser.on('error', () => resolve(null));
      Readable.from([bytes]).pipe(parser);
    } catch {
      resolve(null);
    }
  });
}

function wrongWith(form: Form | null): Reply | null {
  if (form === null) return refused(400, '', 'Invalid content type');
  const unknown = Object.keys(form.fields).find((name) => !knownFields.includes(name));
  if (unknown !== undefined) return refused(400, `invalid_${unknown}`, `Unknown parameter ${unknown}`);
  const sources =
    form.files.filter((file) => file.name === 'image_file').length +
    ['image_url', 'image_file_b64'].filter((name) => name in form.fields).length;
  if (sources === 0) return refused(400, 'missing_source');
  if (sources > 1 || form.files.length > 1) return refused(400, 'multiple_sources');
  if (
    !['auto', 'preview', 'small', 'regular', 'medium', 'hd', 'full', '4k', '50MP', undefined].includes(
      form.fields['size'],
    )
  ) {
    return refused(400, 'invalid_size', 'Invalid size');
  }
  if (!['auto', 'png', 'jpg', 'webp', 'zip', undefined].includes(form.fields['format'])) {
    return refused(400, 'invalid_format', 'Invalid format');
  }
  const bytes = form.files[0]?.bytes ?? Buffer.alloc(0);
  if (bytes.length > 22 * 1024 * 1024) return refused(400, 'file_too_large');
  const size = sizeOf(bytes);
  if (size === null) return refused(400, 'invalid_file_type');
  return size.width * size.height > 50_000_000 ? refused(400, 'resolution_too_high') : null;
}

async function cutOut(
  state: State,
  fields: Record<string, string>,
  source: Buffer,
  key: string,
  fault: Fault | null,
): Promise<Reply> {
  const size = sizeOf(source) ?? { width: 1, height: 1 };
  const asked = fields['size'] ?? 'preview';
  const small =
    ['preview', 'small', 'regular'].includes(asked) ||
    (asked === 'auto' && !canPay(state, 'removebg', credit));
  const price = small ? credit / 4 : credit;
  if (!canPay(state, 'removebg', price)) return refused(402, 'insufficient_credits');
  charge(state, {
    service: 'removebg',
    kind: 'removeBackground',
    task: null,
    key,
    microUsd: price,
    images: 1,
  });
  const limit = small
    ? 250_000
    : asked === '50MP'
      ? 50_000_000
      : fields['format'] === 'webp'
        ? 25_000_000
        : 10_000_000;
  const scale = Math.min(1, Math.sqrt(limit / (size.width * size.height)));
  const width = Math.max(1, Math.floor(size.width * scale));
  const height = Math.max(1, Math.floor(size.height * scale));
  const image = cutOutPng({ width, height, key }, fault?.do === 'cutout' ? fault.as : 'good');
  const webp = fields['format'] === 'webp' && fault?.do !== 'cutout';
  const body = webp ? await (await import('sharp')).default(image).webp({ quality: 80 }).toBuffer() : image;
  return {
    status: 200,
    headers: {
      'content-type': webp ? 'image/webp' : 'image/png',
      'x-width': String(width),
      'x-height': String(height),
      'x-max-width': String(size.width),
      'x-max-height': String(size.height),
      'x-type': 'product',
      'x-credits-charged': String(price / credit),
      'x-ratelimit-limit': '500',
      'x-ratelimit-remaining': '499',
    },
    body,
  };
}
