/** What a start asks for and what it would do; part of the contract with the faces. */
import type { Problem } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { JobInputs } from '../model/job.ts';
import type { Cost } from '../model/money.ts';
import type { Replacement } from '../providers/retirement.ts';
import type { Settings } from '../settings/settings.ts';

/** What Start Job asks for; everything not said comes from the settings. */
export interface JobRequest {
  settings: Settings;
  /** Only these 0-based rows of the keyword file, one generation each (Test with 3 Rows). */
  rows?: readonly number[];
  /** Leaves out rows that already have an approved image from the same template. */
  onlyRowsNotDone?: boolean;
  /**
   * A job (id) whose kept copies stand in for keyword and prompt files that are gone; the plan warns
   * about those and about files that have changed since. A rerun plans with its original here.
   */
  copiesOf?: string;
  /** Folders (absolute paths) that the user has entered and not saved yet: they count as chosen for this plan. */
  entered?: readonly string[];
}

/** What a start would do, before anything is paid. */
export interface JobPlan {
  problems: Problem[];
  /** Rows of the keyword file. */
  rowCount: number;
  generations: number;
  images: number;
  /** The most that it may cost, by the catalogue of prices. */
  estimate: Cost;
  /** Date of the prices behind the estimate, `YYYY-MM-DD`. */
  pricesAsOf: string;
  inputs: JobInputs;
  warnings: Message[];
  /** Whom to offer where the service of the settings has ended, the readiest first; else nobody. */
  instead: Replacement[];
}

export interface PreviewedPrompt {
  /** 0-based row of the keyword file. */
  row: number;
  keyword: Record<string, string>;
  instructions: string;
}
