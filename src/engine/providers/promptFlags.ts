/** Flags inside prompts that only one provider understands: others would draw or reject them. */
import { descriptorOf, descriptors, type ProviderName } from './registry.ts';

/** The prompt without the flags of other providers. */
export function withoutForeignFlags(provider: ProviderName, prompt: string): string {
  return descriptors
    .filter(({ name }) => name !== provider)
    .reduce((text, { name }) => descriptorOf(name).roles.image?.withoutFlags?.(text) ?? text, prompt)
    .trim();
}
