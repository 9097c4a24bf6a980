/**
 * Approvals by key: one press is easily one too many, and each could cost. They wait for a moment in which they can be
 * taken back; all that were pressed until then are asked about and made as one run (F11).
 */
import type { Factory } from '../../engine/factory.ts';

/** From the last press on. */
export const approvalWaitMs = 5000;

export interface Approvals {
  /** Resolves when the run is made: true; false when it was taken back or the user said no to what it costs. */
  add(imageIds: readonly string[]): Promise<boolean>;
  /** Takes back all that wait. */
  undo(): void;
}

export interface ApprovalsOptions {
  /** What was deleted, retried or approved elsewhere during the wait is left out. */
  approvable: Factory['approvable'];
  /** False when the user said no. */
  approve: (imageIds: readonly string[]) => Promise<boolean>;
}

export function gatherApprovals({ approvable, approve }: ApprovalsOptions): Approvals {
  let ids = new Set<string>();
  let waiting: ((made: boolean | Promise<boolean>) => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  const make = async (imageIds: readonly string[]): Promise<boolean> => {
    const left = await approvable(imageIds);
    return left.length > 0 && approve(left);
  };

  const end = (made: (imageIds: readonly string[]) => boolean | Promise<boolean>): void => {
    clearTimeout(timer);
    const [gathered, resolves] = [[...ids], waiting];
    ids = new Set();
    waiting = [];
    if (gathered.length === 0) return;
    const answer = made(gathered);
    for (const resolve of resolves) resolve(answer);
  };

  return {
    add(imageIds) {
      for (const id of imageIds) ids.add(id);
      clearTimeout(timer);
      timer = setTimeout(() => end(make), approvalWaitMs);
      return new Promise((resolve) => {
        waiting.push(resolve);
      });
    },
    undo: () => end(() => false),
  };
}
