/** The sample provider's background remover: what has the border's colour and hangs together with it goes. */
import { workOnPixels } from '../../images/pixelPool.ts';
import { FactoryError } from '../../model/errors.ts';
import { messages } from './messages.ts';

/**
 * Cuts the subject out of a plain background; the answer is a PNG with soft edges. Fails with `content.refused`
 * when the border has no one colour, or when nothing would be left.
 */
export async function cutOut(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const cut = await workOnPixels('cutOut', { bytes }, signal);
  if (typeof cut !== 'string') return cut;
  const told = cut === 'busyBorder' ? messages.busyBorder() : messages.onlyBackground();
  throw new FactoryError('content.refused', told, { provider: 'sample' });
}
