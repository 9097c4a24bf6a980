/** Slots: the planned images of a job. */

/** Where a slot is in its job; both numbers 0-based. */
export interface SlotPlace {
  generation: number;
  variation: number;
}

/** A slot where those of several jobs are meant. */
export interface JobSlot extends SlotPlace {
  jobId: string;
}

/** Tells it from the other slots of its job. */
export function placeKey({ generation, variation }: SlotPlace): string {
  return `${generation}-${variation}`;
}

/** "3-1": generation and variation as people count. */
export function slotName({ generation, variation }: SlotPlace): string {
  return `${generation + 1}-${variation + 1}`;
}
