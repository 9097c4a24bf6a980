/**
 * What is known of a model: what it takes, what it costs and how long it lives. The entries lie in the folders of
 * the providers; a model that none lists passes through with generic limits and an unknown price.
 */
import type { Message } from '../model/message.ts';
import type { MicroUsd } from '../model/money.ts';
import { messages } from './messages.ts';

/** Which sizes a model makes: any multiple of `step` in a range, or one of a list. */
export type SizeRule =
  | { kind: 'steps'; min: number; max: number; step: number; maxAspect?: number }
  | { kind: 'list'; sizes: readonly string[] };

export interface ImageModelFacts {
  id: string;
  name: string;
  /** False for models that the catalogue does not list. */
  known: boolean;
  /** Vector models make SVG by their own task. */
  output: 'raster' | 'vector';
  sizes: SizeRule;
  negativePrompt: boolean;
  lora: boolean;
  /** CFG scale, steps and scheduler. */
  advanced: boolean;
  /** The largest seed; null where the model takes none. */
  maxSeed: number | null;
  maxResults: number;
  /** In characters. */
  maxPrompt: number;
  /** `sync` where the answer comes within about a minute. */
  delivery: 'sync' | 'async';
  /** The most one image is known to cost, at the given size. */
  price: (width: number, height: number) => MicroUsd | null;
  /** The day on which the provider switches it off, `YYYY-MM-DD`; null when none is announced. */
  goneOn: string | null;
  replacement: string | null;
}

/** A text and vision model. */
export interface TextModelFacts {
  id: string;
  known: boolean;
  /** USD per million tokens equals micro-USD per token. */
  inputPerToken: number | null;
  cachedInputPerToken: number | null;
  outputPerToken: number | null;
  /** The lowest effort that the model takes; null: the parameter is not sent. */
  effort: 'none' | 'minimal' | 'low' | null;
  goneOn: string | null;
  replacement: string | null;
}

export const unknownPrice = (): null => null;
export const eachPrice = (microUsd: MicroUsd) => (): MicroUsd => microUsd;
/** A price seen for one megapixel, which grows with the pixels. */
export const perMegapixel =
  (microUsd: MicroUsd) =>
  (width: number, height: number): MicroUsd =>
    Math.ceil(microUsd * Math.max(1, (width * height) / (1024 * 1024)));

export type SizeVerdict =
  | { ok: true; warning: Message | null }
  /** `allowed` says what would be right. */
  | { ok: false; allowed: Message };

/** Whether a model makes images of this size (in pixels). */
export function checkSize(model: ImageModelFacts, width: number, height: number): SizeVerdict {
  const rule = model.sizes;
  if (rule.kind === 'list') {
    if (rule.sizes.includes(`${width}x${height}`)) return { ok: true, warning: null };
    return { ok: false, allowed: messages.oneOf({ list: rule.sizes.join(', ') }) };
  }
  const fits = [width, height].every(
    (side) => Number.isInteger(side) && side >= rule.min && side <= rule.max && side % rule.step === 0,
  );
  const longer = Math.max(width, height);
  const shorter = Math.min(width, height);
  if (!fits || (rule.maxAspect !== undefined && longer > shorter * rule.maxAspect)) {
    return { ok: false, allowed: allowedSides(rule) };
  }
  if (model.known) return { ok: true, warning: null };
  const size = `${width}x${height}`;
  return { ok: true, warning: messages.limitsUnknown({ model: model.id, size }) };
}

function allowedSides({ min, max, step, maxAspect }: SizeRule & { kind: 'steps' }): Message {
  return maxAspect === undefined
    ? messages.sides({ min, max, step })
    : messages.sidesAndAspect({ min, max, step, aspect: maxAspect });
}

/** "The provider switches gpt-4o off on 2027-01-14. Use gpt-6-luna instead.", or null when nothing is announced. */
export function shutdownNotice(
  model: Pick<ImageModelFacts, 'id' | 'goneOn' | 'replacement'>,
  now: number,
): Message | null {
  if (model.goneOn === null) return null;
  const gone = now >= Date.parse(model.goneOn);
  const values = { model: model.id, day: model.goneOn };
  const notice = gone ? messages.switchedOff(values) : messages.switchesOff(values);
  const { replacement } = model;
  return replacement === null ? notice : messages.useInstead({ notice, replacement });
}
