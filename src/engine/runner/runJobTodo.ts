/** What is unfinished in a job, read from its rows alone: a first start and a resume look the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Generation, OpenCall } from '../pipeline/records.ts';
import { toOpenCall } from '../pipeline/journal.ts';
import { asksAgain } from '../pipeline/pipeline.ts';
import { toPicture } from '../pipeline/picture.ts';
import type { Picture } from '../pipeline/picture.ts';
import { openCalls } from '../store/calls.ts';
import { listGenerations } from '../store/generations.ts';
import { unfinishedImages } from '../store/images.ts';
import { slotPlaces } from '../store/slots.ts';
import type { Store } from '../store/store.ts';

/** Which slots of the job a run is about. */
export type Wanted = (slot: { generation: number; variation: number }) => boolean;

export interface Todo {
  generations: Generation[];
  pictures: Picture[];
  /** Calls of the image provider without an answer, by generation. */
  open: Map<number, OpenCall[]>;
  /** Calls that nobody will ask for. */
  hopeless: OpenCall[];
}

/** Reads the largest job in slices of a few milliseconds; the lease keeps others from changing it meanwhile. */
export async function readTodo(store: Store, jobId: string, wanted: Wanted): Promise<Todo> {
  const planned = new Map<number, number[]>();
  for (const slot of store.read((db) => slotPlaces(db, jobId, 'planned'))) {
    const variations = planned.get(slot.generation);
    if (variations === undefined) planned.set(slot.generation, [slot.variation]);
    else variations.push(slot.variation);
  }
  await nextTurn();
  const rows = store.read((db) => listGenerations(db, jobId));
  await nextTurn();
  const pictures = store.read((db) => unfinishedImages(db, jobId)).map(toPicture);
  const calls = store.read((db) => openCalls(db, jobId)).map(toOpenCall);
  const { open, hopeless } = sortCalls(calls, planned, pictures, wanted);
  return {
    generations: rows
      .map((row) => ({ ...row, planned: wantedOf(planned, row.generation, wanted) }))
      .filter((generation) => generation.planned.length > 0),
    pictures: pictures.filter(wanted),
    open,
    hopeless,
  };
}

function wantedOf(planned: ReadonlyMap<number, number[]>, generation: number, wanted: Wanted): number[] {
  return (planned.get(generation) ?? []).filter((variation) => wanted({ generation, variation }));
}

/** Calls of slots and images that this run is not about stay open: the run that goes on with them asks for them. */
function sortCalls(
  calls: readonly OpenCall[],
  planned: ReadonlyMap<number, number[]>,
  pictures: readonly Picture[],
  wanted: Wanted,
): Pick<Todo, 'open' | 'hopeless'> {
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
    const ofImage = asksAgain(call.stage) && pictures.some(({ id }) => id === call.imageId);
    if (!ofImage) hopeless.push(call);
  }
  return { open, hopeless };
}
