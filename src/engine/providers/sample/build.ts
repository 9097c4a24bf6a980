/** The sample provider's three roles. */
import type { Builder } from '../builder.ts';
import { createSampleProvider } from './provider.ts';

const { text, image, background } = createSampleProvider();

export const builder: Builder<'sample'> = {
  text: () => text,
  image: () => image,
  backgroundRemoval: () => background,
};
