/**
 * What is known of a model: what it takes, what it costs and how long it lives. The entries lie in the folders of
 * the providers; a model that none lists passes through with generic limits and an unknown price.
 */
import type { MicroUsd } from '../model/money.ts';

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
  | { ok: true; warning: string | null }
  /** `allowed` says in words what would be right. */
  | { ok: false; allowed: string };

/** Whether a model makes images of this size (in pixels). */
export function checkSize(model: ImageModelFacts, width: number, height: number): SizeVerdict {
  const rule = model.sizes;
  if (rule.kind === 'list') {
    if (rule.sizes.includes(`${width}x${height}`)) return { ok: true, warning: null };
    return { ok: false, allowed: `one of ${rule.sizes.join(', ')}` };
  }
  const fits = [width, height].every(
    (side) => Number.isInteger(side) && side >= rule.min && side <= rule.max && side % rule.step === 0,
  );
  const longer = Math.max(width, height);
  const shorter = Math.min(width, height);
  if (!fits || (rule.maxAspect !== undefined && longer > shorter * rule.maxAspect)) {
    return { ok: false, allowed: sizeRuleInWords(rule) };
  }
  if (model.known) return { ok: true, warning: null };
  return {
    ok: true,
    warning: `The limits of model ${model.id} are not known here; ${width}x${height} may be refused by the provider.`,
  };
}

function sizeRuleInWords(rule: SizeRule): string {
  if (rule.kind === 'list') return `one of ${rule.sizes.join(', ')}`;
  const aspect = rule.maxAspect === undefined ? '' : `, at most ${rule.maxAspect}:1`;
  return `sides from ${rule.min} to ${rule.max} in multiples of ${rule.step}${aspect}`;
}

/** "The provider switches gpt-4o off on 2027-01-14. Use gpt-6-luna instead.", or null when nothing is announced. */
export function shutdownNotice(
  model: Pick<ImageModelFacts, 'id' | 'goneOn' | 'replacement'>,
  now: number,
): string | null {
  if (model.goneOn === null) return null;
  const gone = now >= Date.parse(model.goneOn);
  const instead = model.replacement === null ? '' : ` Use ${model.replacement} instead.`;
  return gone
    ? `The provider switched ${model.id} off on ${model.goneOn}.${instead}`
    : `The provider switches ${model.id} off on ${model.goneOn}.${instead}`;
}
