/** What is unfinished in a job, read from its rows alone: a first start and a resume look the same. */
import type { SlotPlace } from '../model/slot.ts';
import { nextTurn } from '../model/turns.ts';
import type { OpenGeneration, OpenCall } from '../pipeline/records.ts';
import { toOpenCall } from '../pipeline/journal.ts';
import { asksAgain } from '../pipeline/pipeline.ts';
import { toPipelineImage } from '../pipeline/pipelineImage.ts';
import type { PipelineImage } from '../pipeline/pipelineImage.ts';
import { openCalls } from '../store/calls.ts';
import { listGenerations } from '../store/generations.ts';
import { unfinishedImages } from '../store/images.ts';
import { slotPlaces } from '../store/slots.ts';
import type { Store } from '../store/store.ts';

/** Which slots of the job a run is about. */
export type SlotFilter = (slot: SlotPlace) => boolean;

export interface RemainingWork {
  generations: OpenGeneration[];
  images: PipelineImage[];
  /** Calls of the image provider without an answer, by generation. */
  open: Map<number, OpenCall[]>;
  /** Calls that nobody will ask for. */
  hopeless: OpenCall[];
}

/** Reads the largest job in slices of a few milliseconds; the lease keeps others from changing it meanwhile. */
export async function readRemainingWork(
  store: Store,
  jobId: string,
  wanted: SlotFilter,
): Promise<RemainingWork> {
  const planned = new Map<number, number[]>();
  for (const slot of store.read((db) => slotPlaces(db, jobId, 'planned'))) {
    const variations = planned.get(slot.generation);
    if (variations === undefined) planned.set(slot.generation, [slot.variation]);
    else variations.push(slot.variation);
  }
  await nextTurn();
  const rows = store.read((db) => listGenerations(db, jobId));
  await nextTurn();
  const images = store.read((db) => unfinishedImages(db, jobId)).map(toPipelineImage);
  const calls = store.read((db) => openCalls(db, jobId)).map(toOpenCall);
  const { open, hopeless } = sortCalls(calls, planned, images, wanted);
  return {
    generations: rows
      .map((row) => ({ ...row, planned: wantedOf(planned, row.generation, wanted) }))
      .filter((generation) => generation.planned.length > 0),
    images: images.filter(wanted),
    open,
    hopeless,
  };
}

function wantedOf(planned: ReadonlyMap<number, number[]>, generation: number, wanted: SlotFilter): number[] {
  return (planned.get(generation) ?? []).filter((variation) => wanted({ generation, variation }));
}

/** Calls of slots and images that this run is not about stay open: the run that goes on with them asks for them. */
function sortCalls(
  calls: readonly OpenCall[],
  planned: ReadonlyMap<number, number[]>,
  images: readonly PipelineImage[],
  wanted: SlotFilter,
): Pick<RemainingWork, 'open' | 'hopeless'> {
  const open = new Map<number, OpenCall[]>();
  const hopeless: OpenCall[] = [];
  for (const call of calls) {
    const { variations } = call.request;
    const slots = call.generation === null ? undefined : planned.get(call.generation);
    const awaited = variations.length > 0 && variations.every((variation) => slots?.includes(variation));
    const { generation } = call;
    if (call.stage === 'generate' && generation !== null && awaited) {
      if (!variations.every((variation) => wanted({ generation, variation }))) continue;
      open.set(generation, [...(open.get(generation) ?? []), call]);
      continue;
    }
    // Its image asks for it when it comes to that step.
    const ofImage = asksAgain(call.stage) && images.some(({ id }) => id === call.imageId);
    if (!ofImage) hopeless.push(call);
  }
  return { open, hopeless };
}
