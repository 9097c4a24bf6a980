/**
 * Every change of a run: one transaction under the lease, the counters with it, and what it emits. Steps say
 * what happened; here it is written down.
 */
import { isFactoryError } from '../model/errors.ts';
import { firstOfImage, imageStatusLabel } from '../model/status.ts';
import type { Failure } from '../model/status.ts';
import { getCall, openCall, openCalls, setRecoveryKey, settleCall } from '../store/calls.ts';
import { setPrompt } from '../store/generations.ts';
import { getPipelineImage, insertImage, updateImage } from '../store/images.ts';
import { failSlot } from '../store/slots.ts';
import type { Writer } from '../store/store.ts';
import type { SlotResults, OpenGeneration } from './records.ts';
import { readCallRequest } from './imageRequest.ts';
import { toOpenCall } from './journal.ts';
import type { WriteOffCalls, Journal } from './journal.ts';
import { count, rounded } from './journalCounts.ts';
import type { JournalOptions } from './journalCounts.ts';
import { imageByPlace, nothingUnfinished, toPipelineImage } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import { imageJournal } from './imageJournal.ts';
import { createTransactions } from './transactions.ts';
import type { Transactions } from './transactions.ts';
import { messages } from './messages.ts';

export function createJournal(options: JournalOptions): Journal {
  const tx = createTransactions(options);
  const calls = callJournal(options, tx);
  const slots = slotJournal(options, tx, calls.giveUp);
  const images = imageJournal(options, tx, calls.giveUp);
  return {
    write: (fn) => tx.run(fn),
    log: (level, told, imageId) => tx.log(level, told, imageId ?? null),
    debug: (imageId, message) => tx.debug(message, imageId),
    flush: tx.flush,
    drop: tx.drop,
    ...calls.journal,
    ...slots,
    ...images,
  };
}

type CallPart = 'openCall' | 'callAccepted' | 'settleCall' | 'openCallOf' | 'callOf';

function callJournal(
  options: JournalOptions,
  tx: Transactions,
): { journal: Pick<Journal, CallPart>; giveUp: WriteOffCalls } {
  const { store, jobId, now } = options;
  const settle: Journal['settleCall'] = (db, open, state, costMicroUsd, providerRequestId) => {
    // What is free cannot be billed by mistake.
    const free = state === 'lost' && open.reserved === 0;
    settleCall(db, open.id, {
      state: free ? 'notBilled' : state,
      costMicroUsd,
      providerRequestId,
      now: now(),
    });
  };
  return {
    giveUp(db, which) {
      for (const call of openCalls(db, jobId).map(toOpenCall).filter(which))
        settle(db, call, 'lost', null, null);
    },
    journal: {
      openCall: (open, call) =>
        tx.run(
          (db) =>
            openCall(db, {
              id: open.id,
              jobId,
              runId: options.runId,
              generation: open.imageId === null ? open.generation : null,
              imageId: open.imageId,
              stage: open.stage,
              provider: call.provider,
              model: call.model,
              recoveryKey: open.recoveryKey,
              asked: call.count,
              request: open.request,
              reservedMicroUsd: open.reserved,
              sentAt: open.sentAt,
            }),
          true,
        ),
      callAccepted(id, recoveryKey) {
        tx.run((db) => setRecoveryKey(db, id, recoveryKey), true).catch(options.onError);
      },
      settleCall: settle,
      openCallOf(image, stage) {
        const open = store.read((db) => openCalls(db, jobId));
        const call = open.find((one) => one.imageId === image.id && one.stage === stage);
        return call === undefined ? null : toOpenCall(call);
      },
      callOf(id) {
        try {
          const call = store.read((db) => getCall(db, id));
          return { request: readCallRequest(call.request), recoveryKey: call.recoveryKey };
        } catch (error) {
          if (isFactoryError(error, 'notFound')) return null;
          throw error;
        }
      },
    },
  };
}

function slotJournal(
  options: JournalOptions,
  tx: Transactions,
  giveUp: WriteOffCalls,
): Pick<Journal, 'promptWritten' | 'received' | 'slotsFailed'> {
  const { jobId, tally, now } = options;

  const failOne = (db: Writer, generation: number, variation: number, failure: Failure): void => {
    failSlot(db, { jobId, generation, variation }, failure, now());
    count(options, tx, db, { failed: 1 });
    tx.then(() => {
      tally.slotsFailed(1);
      tally.ended();
      const image = imageByPlace({ generation, variation });
      const label = imageStatusLabel('failed', failure);
      tx.log('error', messages.failed({ image, label, reason: failure.reason }), null);
    });
  };

  return {
    promptWritten: (db, { generation }, prompt) => setPrompt(db, jobId, generation, prompt),
    received(db, generation, slotResults) {
      const images = slotResults.images.map((one) =>
        insertImageRow(options, db, generation, slotResults, one),
      );
      count(options, tx, db, {
        generated: images.length,
        checked: options.qualityCheck ? 0 : images.length,
      });
      for (const { variation, failure } of slotResults.failures)
        failOne(db, generation.generation, variation, failure);
      for (const image of images) tx.touch(image.seq);
      tx.then(() => {
        for (const image of images) {
          if (options.qualityCheck) tally.awaits(image.id);
          tx.log('info', messages.generated({ image: imageByPlace(image) }), image.id);
        }
      });
      return images;
    },
    slotsFailed: (generation, variations, failure) =>
      tx.run((db) => {
        giveUp(
          db,
          (call) =>
            call.stage === 'generate' &&
            call.generation === generation &&
            call.request.variations.some((variation) => variations.includes(variation)),
        );
        for (const variation of variations) failOne(db, generation, variation, failure);
      }),
  };
}

function insertImageRow(
  options: JournalOptions,
  db: Writer,
  generation: OpenGeneration & { prompt: string },
  slotResults: SlotResults,
  one: SlotResults['images'][number],
): PipelineImage {
  const { jobId, imageProvider, now } = options;
  insertImage(db, {
    id: one.id,
    jobId,
    generation: generation.generation,
    variation: one.variation,
    status: 'pending',
    nextStage: firstOfImage,
    keywordRow: generation.keywordRow,
    keyword: generation.keyword,
    prompt: generation.prompt,
    provider: imageProvider.name,
    model: imageProvider.model,
    providerImageId: one.providerImageId,
    sourceUrl: one.url,
    originalPath: one.file,
    seed: one.seed,
    generationCostMicroUsd: one.costMicroUsd,
    unfinished: { ...nothingUnfinished, callId: slotResults.callId, flagged: one.flagged },
    createdAt: now(),
  });
  updateImage(db, one.id, { timings: rounded(slotResults.timings) }, now());
  return toPipelineImage(getPipelineImage(db, one.id));
}
