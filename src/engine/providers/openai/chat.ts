/** Questions to a chat model that are answered with a small JSON object, on servers of every age. */
import { z } from 'zod';
import { FactoryError } from '../../model/errors.ts';
import { plausibleCost } from '../../model/money.ts';
import type { MicroUsd } from '../../model/money.ts';
import { serviceWords, type Account } from '../account.ts';
import type { TextModelFacts } from '../modelFacts.ts';
import { callOpenAi, isOpenAiItself, ParameterRefused, requestIdOf } from './client.ts';
import { jsonIn } from './jsonIn.ts';
import { textModel } from './textModels.ts';
import type { Billed, CallContext, VisionImage } from '../provider.ts';
import { messages } from '../messages.ts';
import type { Value } from '../../model/message.ts';

/** One kind of question: what is asked for, as a JSON schema for the server and a check for us. */
export interface ChatQuestion<T> {
  /** Name of the schema: letters, digits, `_`. */
  name: string;
  /** Strict subset: every property required, no other ones; limits are checked here, not there. */
  schema: Record<string, unknown>;
  parse: z.ZodType<T>;
  /** Said to every server, so that those without schemas know the shape too. */
  system: string;
  maxTokens: number;
}

/** How the shape of the answer is asked for, the strictest first. */
const formats = ['json_schema', 'json_object', 'text'] as const;

export interface Chat {
  ask<T>(
    question: ChatQuestion<T>,
    text: string,
    image: VisionImage | null,
    context: CallContext,
  ): Promise<Billed<T>>;
}

const usage = z.looseObject({
  prompt_tokens: z.number().nonnegative(),
  completion_tokens: z.number().nonnegative(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
});

const completion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: usage.nullish().catch(null),
});
type Completion = z.output<typeof completion>;

/** A chat with one model at one address; what the server does not take is learned once for the run. */
export function createChat(account: Account, model: string): Chat {
  const facts = textModel(model);
  const itself = isOpenAiItself(account);
  const learned = {
    format: 0,
    /** Answers in a row that did not have the asked shape. */
    misshapen: 0,
    limit: (itself ? 'max_completion_tokens' : 'max_tokens') as 'max_completion_tokens' | 'max_tokens' | null,
    detail: true,
    effort: itself ? facts.effort : null,
    dropped: new Set<string>(),
    /** Questions whose answers were cut off: they get twice the room. */
    longer: new Set<string>(),
  };

  /** Makes the next try differ, or says that there is nothing left to change. */
  const learn = (refused: ParameterRefused): boolean => {
    const { parameter } = refused;
    switch (parameter) {
      case 'response_format':
        if (learned.format >= formats.length - 1) return false;
        learned.format++;
        return true;
      case 'max_tokens':
      case 'max_completion_tokens': {
        const other = parameter === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
        if (learned.limit !== parameter || learned.dropped.has(parameter)) return false;
        learned.dropped.add(parameter);
        learned.limit = learned.dropped.has(other) ? null : other;
        return true;
      }
      case 'detail':
        if (!learned.detail) return false;
        learned.detail = false;
        return true;
      case 'reasoning_effort':
      case 'reasoning':
        if (learned.effort === null) return false;
        learned.effort = null;
        return true;
      default:
        return false;
    }
  };

  const send = async <T>(
    question: ChatQuestion<T>,
    text: string,
    image: VisionImage | null,
    context: CallContext,
  ): Promise<Completion & { requestId: string | null }> => {
    for (;;) {
      const body = bodyOf(question, text, image);
      try {
        const answer: unknown = await callOpenAi(
          account,
          { context, model, fresh: false, maxBytes: 4 * 1024 * 1024 },
          (client, request) => client.chat.completions.create(body as never, request),
        );
        const parsed = completion.safeParse(answer);
        if (parsed.success) return { ...parsed.data, requestId: requestIdOf(answer) };
        throw new FactoryError('provider.badAnswer', messages.unreadable({ service: account.service }));
      } catch (error) {
        if (!(error instanceof ParameterRefused) || !learn(error)) throw error;
        context.debug(`openai: ${model} does not take ${error.parameter} in this form; asked again without`);
      }
    }
  };

  const bodyOf = <T>(
    question: ChatQuestion<T>,
    text: string,
    image: VisionImage | null,
  ): Record<string, unknown> => {
    const format = formats[learned.format];
    const limit = question.maxTokens * roomFor(facts) * (learned.longer.has(question.name) ? 2 : 1);
    return {
      model,
      messages: [
        { role: 'system', content: question.system },
        {
          role: 'user',
          content: image === null ? text : [{ type: 'text', text }, imagePart(image, learned.detail)],
        },
      ],
      ...(format === 'json_schema'
        ? {
            response_format: {
              type: 'json_schema',
              json_schema: { name: question.name, schema: question.schema, strict: true },
            },
          }
        : format === 'json_object'
          ? { response_format: { type: 'json_object' } }
          : {}),
      ...(learned.limit === null ? {} : { [learned.limit]: limit }),
      ...(learned.effort === null ? {} : { reasoning_effort: learned.effort }),
    };
  };

  return {
    async ask(question, text, image, context) {
      const answer = await send(question, text, image, context);
      const choice = answer.choices[0];
      const content = choice?.message.content ?? '';
      const refusal = choice?.message.refusal ?? '';
      if (refusal !== '') {
        throw new FactoryError(
          'content.refused',
          messages.declined({ model, says: serviceWords(account, refusal) }),
        );
      }
      if (choice?.finish_reason === 'content_filter') {
        throw new FactoryError('content.refused', messages.filtered({ service: account.service, model }));
      }
      if (choice?.finish_reason === 'length') {
        learned.longer.add(question.name);
        throw new FactoryError('provider.badAnswer', messages.cutOff({ model }));
      }
      const value = question.parse.safeParse(jsonIn(content));
      if (!value.success) {
        learned.misshapen++;
        // Asked once more in the same form; a server that goes on like this gets a looser one.
        if (learned.misshapen >= 2 && learned.format < formats.length - 1) {
          learned.format++;
          learned.misshapen = 0;
        }
        throw new FactoryError(
          'provider.badAnswer',
          messages.wrongForm({ model, problem: problemOf(value.error) }),
        );
      }
      learned.misshapen = 0;
      return { value: value.data, costMicroUsd: costOf(facts, answer), requestId: answer.requestId };
    },
  };
}

/** Models that always think need room for it before they answer. */
function roomFor(facts: TextModelFacts): number {
  return facts.known && (facts.effort === 'low' || facts.effort === 'minimal') ? 4 : 1;
}

function imagePart(image: VisionImage, detail: boolean): Record<string, unknown> {
  const url = `data:${image.mime};base64,${Buffer.from(image.bytes).toString('base64')}`;
  return { type: 'image_url', image_url: detail ? { url, detail: image.detail } : { url } };
}

function problemOf(error: z.ZodError): Value {
  const issue = error.issues[0];
  if (issue === undefined) return messages.noJson();
  return issue.path.length === 0 ? messages.noJson() : `${issue.path.join('.')}: ${issue.message}`;
}

/** By the tokens that the answer names; null where they or the prices are not known. */
function costOf(facts: TextModelFacts, answer: Completion): MicroUsd | null {
  const { inputPerToken, outputPerToken } = facts;
  if (!answer.usage || inputPerToken === null || outputPerToken === null) return null;
  const cached = Math.min(answer.usage.prompt_tokens_details?.cached_tokens ?? 0, answer.usage.prompt_tokens);
  return plausibleCost(
    Math.ceil(
      (answer.usage.prompt_tokens - cached) * inputPerToken +
        cached * (facts.cachedInputPerToken ?? inputPerToken) +
        answer.usage.completion_tokens * outputPerToken,
    ),
  );
}
