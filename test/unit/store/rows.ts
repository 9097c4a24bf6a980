import type { JobInputs } from '../../../src/engine/model/job.ts';

/** A job without files. */
export const noInputs: JobInputs = {
  keywordsFile: null,
  systemPromptFile: null,
  qualityCheckPromptFile: null,
  metadataPromptFile: null,
};
