import assert from 'node:assert/strict';
import { imageRequest, readCallRequest } from '../../../src/engine/pipeline/imageRequest.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';

describe('Image requests', () => {
  it('P5: dimensions rotate per generation, seeds count on over all slots', () => {
    const settings = {
      ...defaultSettings(),
      'runware.dimensions': '512x512, 768x512',
      'generation.seed': 100,
      'generation.variations': 3,
    };
    const asked = [0, 1, 2].map((generation) =>
      imageRequest(
        { settings },
        { generation, prompt: 'A fox' },
        { variations: [1, 2], imageIds: ['a', 'b'] },
        'id',
      ),
    );
    assert.deepEqual(
      asked.map(({ width, height, seed, count }) => [width, height, seed, count]),
      [
        [512, 512, 101, 2],
        [768, 512, 104, 2],
        [512, 512, 107, 2],
      ],
    );
  });

  it('S4: a hidden seed is not used', () => {
    const settings = { ...defaultSettings(), 'provider.image': 'openai' as const, 'generation.seed': 100 };
    const asked = imageRequest(
      { settings },
      { generation: 0, prompt: '' },
      { variations: [0], imageIds: ['a'] },
      'id',
    );
    assert.equal(asked.seed, null);
  });

  it('W2: a request in the store that is not as written is read as none', () => {
    assert.deepEqual(readCallRequest({ variations: ['x'], imageIds: [] }), { variations: [], imageIds: [] });
    assert.deepEqual(readCallRequest(null), { variations: [], imageIds: [] });
  });
});
