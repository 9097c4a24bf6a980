/** What is shown while runs work: JSON lines, a progress bar on a screen, or plain lines elsewhere. */
import type { LogEntry, RunSummary } from '../engine/model/events.ts';
import { formatDuration } from '../engine/model/duration.ts';
import type { ImageRecord } from '../engine/model/image.ts';
import type { JobSummary, Progress } from '../engine/model/job.ts';
import { logLine } from '../engine/model/logLine.ts';
import { eventLines } from './rows.ts';
import { block, eraseLine, jsonLine, line, put, type Terminal } from './terminal.ts';
import { counted, jobSummaryText, progressText } from './words.ts';

export interface Reporter {
  jobBegan: (job: JobSummary) => void;
  progress: (progress: Progress) => void;
  /** An image that has reached an end; once for each end. People read of it in the log. */
  image: (image: ImageRecord) => void;
  log: (entry: LogEntry) => void;
  /** `folder`: absolute path of the finished images. */
  jobEnded: (job: JobSummary, folder: string) => void;
  runBegan: (run: RunSummary) => void;
  runProgress: (run: RunSummary) => void;
  runEnded: (run: RunSummary) => void;
  /** A remark that is no part of the result. */
  note: (text: string) => void;
}

function jsonReporter(terminal: Terminal): Reporter {
  const print = (value: unknown): void => jsonLine(terminal.out, value);
  const run = ({ id, kind, status, error }: RunSummary): void =>
    print({ event: 'run', runId: id, kind, status, ...(error === null ? {} : { error }) });
  return {
    jobBegan: (job) => print(eventLines.jobBegan(job)),
    progress: (progress) => print(eventLines.progress(progress)),
    image: (image) => print(eventLines.image(image)),
    log: (entry) => print(eventLines.log(entry)),
    jobEnded: (job) => print(eventLines.jobEnded(job)),
    runBegan: run,
    runProgress: () => undefined,
    runEnded: run,
    note: (text) => line(terminal.err, text),
  };
}

function beginText(job: JobSummary): string {
  return `Job ${job.label} (${job.id}): ${counted(job.planned, 'image')}`;
}

function closing(terminal: Terminal, job: JobSummary, folder: string): void {
  line(terminal.out);
  block(terminal.out, jobSummaryText(job));
  if (job.approved > 0) line(terminal.out, `Images: ${folder}`);
}

/** One line that is drawn again and again at the bottom; warnings and failures stand above it. */
export function screenReporter(terminal: Terminal): Reporter {
  let bar = '';
  const clear = (): void => {
    if (bar !== '') eraseLine(terminal.out);
  };
  const above = (text: string): void => {
    clear();
    line(terminal.out, text);
    if (bar !== '') put(terminal.out, bar);
  };
  const draw = (text: string): void => {
    clear();
    bar = text.slice(0, Math.max(20, terminal.columns() - 1));
    put(terminal.out, bar);
  };
  const end = (): void => {
    clear();
    bar = '';
  };
  return {
    jobBegan: (job) => above(beginText(job)),
    progress: (progress) => draw(barText(progress.percent, `${progressText(progress)}  ${progress.step}`)),
    image: () => undefined,
    log: (entry) => {
      if (entry.level !== 'info') above(logLine(entry));
    },
    jobEnded: (job, folder) => {
      end();
      closing(terminal, job, folder);
    },
    runBegan: (run) => draw(runBar(run)),
    runProgress: (run) => draw(runBar(run)),
    runEnded: (run) => {
      end();
      line(terminal.out, runText(run));
    },
    note: above,
  };
}

/** `62 % ████████████░░░░░░░░ text` */
export function barText(percent: number, text: string): string {
  const width = 20;
  const full = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width);
  return `${String(percent).padStart(3)} % ${'█'.repeat(full)}${'░'.repeat(width - full)}  ${text}`;
}

function runBar({ title, total, done, failed }: RunSummary): string {
  const ended = done + failed;
  const percent = total === 0 ? 0 : Math.round((ended / total) * 100);
  return barText(percent, `${ended} of ${total} · ${failed} failed  ${title}`);
}

/** Lines for a file or a pipe: the log, each image, and progress now and then. */
function plainReporter(terminal: Terminal): Reporter {
  const print = (text: string): void => line(terminal.out, text);
  let step = '';
  let shown = -1;
  return {
    jobBegan: (job) => {
      shown = -1;
      print(beginText(job));
    },
    progress: (progress) => {
      const news = progress.step !== step || progress.percent >= shown + 10;
      if (!news && !(progress.percent === 100 && shown < 100)) return;
      step = progress.step;
      shown = progress.percent;
      const elapsed = formatDuration(progress.elapsedMs);
      print(`${step}  ${progress.percent} %  ${progressText(progress)} · ${elapsed} so far`);
    },
    image: () => undefined,
    log: (entry) => print(logLine(entry)),
    jobEnded: (job, folder) => closing(terminal, job, folder),
    runBegan: (run) => print(`${run.title}: ${counted(run.total, 'image')}`),
    runProgress: () => undefined,
    runEnded: (run) => print(runText(run)),
    note: (text) => line(terminal.err, text),
  };
}

function runText(run: RunSummary): string {
  const why = run.error === null ? '' : ` ${run.error.message}`;
  return `${run.title}: ${run.done} done, ${run.failed} failed of ${run.total}.${why}`;
}

export function reporterFor(terminal: Terminal, json: boolean): Reporter {
  if (json) return jsonReporter(terminal);
  return terminal.screen ? screenReporter(terminal) : plainReporter(terminal);
}
