/** How many failures nobody has looked at: those since the Failed Images view or its review was last open. */
import type { Memento } from 'vscode';
import type { Factory } from '../../engine/factory.ts';
import type { FactoryEvent } from '../../engine/model/events.ts';
import type { ImageStatus } from '../../engine/model/status.ts';
import { statusGroups } from '../../engine/model/status.ts';
import { changesMore } from './pagedTree.ts';

/** UTC ms of the last look, kept with the workspace. */
const reviewedMemory = 'failed.reviewedAt';
/** The number as last shown, so that it is there before the store is open. */
const countMemory = 'failed.unreviewed';
/** Slots that are looked through; more than that is "many" to a reader anyway. */
const slotLimit = 1000;

const failedStatuses: readonly ImageStatus[] = statusGroups.fail;

export class Unreviewed {
  readonly #memory: Memento;
  /** Images older than the last look that failed after it, in a retry for example. */
  readonly #late = new Set<string>();

  constructor(memory: Memento) {
    this.#memory = memory;
  }

  /** As it was when the window was last used. */
  remembered(): number {
    return this.#memory.get<number>(countMemory) ?? 0;
  }

  /** True when the number may have changed. */
  handle(event: FactoryEvent): boolean {
    if (event.kind === 'image') {
      const { id, status, createdAt } = event.image;
      if (!failedStatuses.includes(status)) return this.#late.delete(id);
      if (createdAt < this.#since()) this.#late.add(id);
      return true;
    }
    // A slot that fails has no image of its own: its job tells.
    return event.kind === 'job' || event.kind === 'removed' || changesMore(event);
  }

  async count(factory: Factory): Promise<number> {
    const since = this.#since();
    const { byStatus } = await factory.imageCounts({ from: since });
    const images = failedStatuses.reduce((sum, status) => sum + byStatus[status], 0);
    const slots =
      factory.failedSlotCount() === 0
        ? 0
        : (await factory.failedSlots({}, { limit: slotLimit })).items.filter(
            ({ failedAt }) => failedAt >= since,
          ).length;
    const count = images + slots + this.#late.size;
    if (count !== this.remembered()) await this.#memory.update(countMemory, count);
    return count;
  }

  /** Everything that has failed until now was seen. */
  async review(): Promise<void> {
    this.#late.clear();
    await this.#memory.update(reviewedMemory, Date.now());
    if (this.remembered() !== 0) await this.#memory.update(countMemory, 0);
  }

  #since(): number {
    return this.#memory.get<number>(reviewedMemory) ?? 0;
  }
}
