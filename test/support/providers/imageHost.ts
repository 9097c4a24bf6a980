/** Where pictures are downloaded from: another port, signed addresses that wear out. */
import { encoded, mimes } from './pictures.ts';
import { json, type ServiceDefinition } from './service.ts';
import type { State } from './state.ts';

const asItIs = (bytes: Buffer): Buffer => bytes;

export function imageHost(state: State): ServiceDefinition {
  return {
    service: 'images',
    understand: (request) => {
      const id = /\/ii\/([^./]+)\./.exec(request.url ?? '')?.[1] ?? '';
      const picture = state.pictures.get(id);
      const hasKey =
        request.headers.authorization !== undefined || request.headers['x-api-key'] !== undefined;
      return {
        kind: 'download',
        task: id,
        text: picture?.key ?? '',
        body: null,
        refusal: hasKey
          ? json(400, { error: 'A key was sent to the image host.' })
          : picture === undefined
            ? json(404, { error: 'not found' })
            : null,
        work: async () => {
          if (picture === undefined) return json(404, { error: 'not found' });
          if (picture.downloads >= (state.options.downloadsPerAddress ?? Infinity)) {
            return json(404, { error: 'expired' });
          }
          picture.downloads++;
          return {
            status: 200,
            headers: { 'content-type': mimes[picture.format] },
            body: await (state.options.embed ?? asItIs)(await encoded(picture, picture.format)),
          };
        },
      };
    },
    error: (status, code, message) => json(status, { error: code, message }),
  };
}
