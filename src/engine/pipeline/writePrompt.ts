/** Step "prompt": one text call per generation, shared by its variations (P4). */
import { FactoryError } from '../model/errors.ts';
import { withoutForeignFlags } from '../providers/promptFlags.ts';
import { pay } from './calls.ts';
import type { OpenGeneration } from './records.ts';
import { noRequest } from './imageRequest.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

/** Writes and stores the prompt of a generation. Fails like `pay`. */
export async function writePrompt(context: PipelineContext, generation: OpenGeneration): Promise<string> {
  const { text } = context.providers;
  const instructions = context.instructions.prompt(generation.keyword);
  const { value } = await pay(context, {
    stage: 'prompt',
    provider: text.name,
    model: context.textModel,
    generation: generation.generation,
    imageId: null,
    count: 1,
    worst: text.worstPrice('prompt'),
    limiter: context.limits.prompt,
    request: noRequest,
    cheap: true,
    ask: null,
    send: async (_id, callContext) => {
      const answer = await text.writePrompt({ instructions, row: generation.keyword }, callContext);
      return { ...answer, value: promptFor(context, answer.value) };
    },
    saveResult: (db, _id, answer) => context.journal.promptWritten(db, generation, answer.value),
  });
  context.journal.log(
    'info',
    messages.promptWritten({ generation: generation.generation + 1, row: generation.keywordRow + 1 }),
  );
  return value;
}

function promptFor(context: PipelineContext, written: string): string {
  const prompt = withoutForeignFlags(context.settings['provider.image'], written);
  if (prompt === '') {
    throw new FactoryError('provider.badAnswer', messages.emptyPrompt(), {
      provider: context.providers.text.name,
    });
  }
  return prompt;
}
