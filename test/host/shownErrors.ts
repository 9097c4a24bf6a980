/** What the extension has told the user: every error that it shows goes to its log too, in the same words. */
import type { TestApi } from '../../src/extension/extension.ts';
import { expectSoon } from './host.ts';

/** Runs `act` and resolves with the first error that is told by then or soon after; fails when none is. */
export async function errorShownBy({ session }: TestApi, act: () => Promise<unknown>): Promise<string> {
  const { log } = session;
  const told: string[] = [];
  const write = log.error.bind(log);
  // Listens; the log gets every line as before.
  log.error = (error: string | Error, ...more: unknown[]) => {
    told.push(error instanceof Error ? error.message : error);
    write(error, ...more);
  };
  try {
    await act();
    return await expectSoon('an error that is told', () => told[0]);
  } finally {
    log.error = write;
  }
}
