import assert from 'node:assert/strict';
import { lostAnswer } from '../../../src/engine/pipeline/paidCall.ts';

describe('an answer that was lost', () => {
  it('P13: is told with the name of the provider as people write it, and what to do', () => {
    const error = lostAnswer('openai', 'generate');
    assert.match(
      error.message,
      /^The answer of OpenAI was lost and may be billed\. .*check your usage there/u,
    );
    assert.equal(error.provider, 'openai');
  });
});
