/** Where images are downloaded from: another port, signed addresses that wear out. */
import { encoded, mimes } from './images.ts';
import { json, type ServiceDefinition } from './service.ts';
import type { State } from './state.ts';

const asItIs = (bytes: Buffer): Buffer => bytes;

export function imageHost(state: State): ServiceDefinition {
  return {
    service: 'images',
    understand: (request) => {
      const id = /\/ii\/([^./]+)\./.exec(request.url ?? '')?.[1] ?? '';
      const image = state.images.get(id);
      const hasKey =
        request.headers.authorization !== undefined || request.headers['x-api-key'] !== undefined;
      return {
        kind: 'download',
        task: id,
        text: image?.key ?? '',
        body: null,
        refusal: hasKey
          ? json(400, { error: 'A key was sent to the image host.' })
          : image === undefined
            ? json(404, { error: 'not found' })
            : null,
        work: async () => {
          if (image === undefined) return json(404, { error: 'not found' });
          if (image.downloads >= (state.options.downloadsPerAddress ?? Infinity)) {
            return json(404, { error: 'expired' });
          }
          image.downloads++;
          return {
            status: 200,
            headers: { 'content-type': mimes[image.format] },
            body: await (state.options.embed ?? asItIs)(await encoded(image, image.format)),
          };
        },
      };
    },
    error: (status, code, message) => json(status, { error: code, message }),
  };
}
