/** What the providers' catalogues say: each model is asked of its own provider. */
import type { ImageModelFacts, TextModelFacts } from './modelFacts.ts';
import { descriptorOf, descriptors, type ProviderFor } from './registry.ts';

/** The day when all prices and shutdown dates had been read, `YYYY-MM-DD`. */
export const pricesAsOf: string = descriptors.map((descriptor) => descriptor.pricesAsOf).sort()[0] ?? '';

/** The facts of an image model; null for providers without a catalogue. */
export function imageModelFacts(
  provider: ProviderFor<'image'>,
  model: string,
  quality = 'auto',
): ImageModelFacts | null {
  return descriptorOf(provider).roles.image?.facts?.(model, quality) ?? null;
}

/** The facts of a text model; null for providers without a catalogue. */
export function textModelFacts(provider: ProviderFor<'text'>, model: string): TextModelFacts | null {
  return descriptorOf(provider).roles.text?.facts?.(model) ?? null;
}
