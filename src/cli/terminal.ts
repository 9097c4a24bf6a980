/** Where the command line writes and what it is given; the rest of it touches no global of the process. */
import { withoutSteering } from '../engine/model/steering.ts';

export interface Terminal {
  /** Results. */
  out: (text: string) => void;
  /** Notes and errors. */
  err: (text: string) => void;
  /** True where a person sees `out` on a screen that can be redrawn. */
  screen: boolean;
  /** Asks the person who sits there and waits for yes or no; null where nobody does. */
  ask: ((question: string) => Promise<boolean>) | null;
  /** Width of that screen in characters. */
  columns: () => number;
  /** Absolute path of the folder that relative paths on the command line start from. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The clock, UTC ms. */
  now: () => number;
  /** Calls back on each request to stop, with what it came by (`SIGINT`: Ctrl+C); returns a function that ends this. */
  onInterrupt: (listener: (signal: string) => void) => () => void;
}

/*
 * The door to the screen: everything that is printed leaves by one of these. Names, paths, notices and what services
 * say come from outside; a character that steers a terminal, or turns the order of what is read, is a space there.
 */
type Write = (text: string) => void;

/** Words that lie on several lines. */
export function printable(text: string): string {
  return withoutSteering(text, (char) => (char === '\n' ? char : ' '));
}

/** Words on one line: no name can begin another. */
export function oneLine(text: string): string {
  return withoutSteering(text);
}

export function line(write: Write, text = ''): void {
  write(`${oneLine(text)}\n`);
}

/** Several lines that were made here, of words that are each on one. */
export function block(write: Write, text: string): void {
  write(`${printable(text)}\n`);
}

/** Words in the line that the cursor is in. */
export function put(write: Write, text: string): void {
  write(oneLine(text));
}

/** Empties the line that the cursor is in. */
export function eraseLine(write: Write): void {
  write('\r\u001b[2K');
}

/** For programs: the same value, whatever characters are in it. */
export function jsonLine(write: Write, value: unknown, indent?: number): void {
  jsonLines(write, JSON.stringify(value, null, indent));
}

/** JSON that was put together from several values. */
export function jsonLines(write: Write, json: string): void {
  const code = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  write(`${withoutSteering(json, (char) => (char === '\n' ? char : code(char)))}\n`);
}

export const exitStatus = {
  ok: 0,
  /** The job failed, was paused, or some slots failed technically. */
  failed: 1,
  /** Bad arguments or settings. */
  usage: 2,
  stopped: 3,
  /** Another run owns the workspace. */
  busy: 4,
} as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];
