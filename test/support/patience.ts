/**
 * How long a test waits for what must come: long enough for a machine whose every core is busy with other work. Who
 * passes does not wait so long. (How long a whole test may take: .mocharc.json, which the host suite reads too.)
 */
import assert from 'node:assert/strict';

export const patience = 60_000;

/**
 * Asks again until the answer is there (neither undefined, null nor false), for what tells nobody when it changes.
 * Fails with `what` when it does not come.
 */
export async function expectSoon<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false)
      return answer as Exclude<T, undefined | null | false>;
    if (performance.now() > end) assert.fail(`Not within ${patience / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
