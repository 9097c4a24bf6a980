/** Step "prompt": one text call per generation, shared by its variations (P4). */
import { FactoryError } from '../model/errors.ts';
import { withoutForeignFlags } from '../providers/promptFlags.ts';
import { pay } from './calls.ts';
import type { Generation } from './records.ts';
import { noRequest } from './imageRequest.ts';
import type { Work } from './work.ts';
import { messages } from './messages.ts';

/** Writes and stores the prompt of a generation. Fails like `pay`. */
export async function writePrompt(work: Work, generation: Generation): Promise<string> {
  const { text } = work.providers;
  const instructions = work.instructions.prompt(generation.keyword);
  const { value } = await pay(work, {
    stage: 'prompt',
    provider: text.name,
    model: work.textModel,
    generation: generation.generation,
    imageId: null,
    count: 1,
    worst: text.worstPrice('prompt'),
    limiter: work.limits.prompt,
    request: noRequest,
    cheap: true,
    ask: null,
    send: async (_id, context) => {
      const answer = await text.writePrompt({ instructions, row: generation.keyword }, context);
      return { ...answer, value: promptFor(work, answer.value) };
    },
    settle: (db, _id, answer) => work.journal.promptWritten(db, generation, answer.value),
  });
  work.journal.log(
    'info',
    messages.promptWritten({ generation: generation.generation + 1, row: generation.keywordRow + 1 }),
  );
  return value;
}

function promptFor(work: Work, written: string): string {
  const prompt = withoutForeignFlags(work.settings['provider.image'], written);
  if (prompt === '') {
    throw new FactoryError('provider.badAnswer', messages.emptyPrompt(), {
      provider: work.providers.text.name,
    });
  }
  return prompt;
}
