/** Where the command line writes and what it is given; the rest of it touches no global of the process. */

export interface Terminal {
  /** Results. */
  out: (text: string) => void;
  /** Notes and errors. */
  err: (text: string) => void;
  /** True where a person sees `out` on a screen that can be redrawn. */
  screen: boolean;
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

export function line(write: (text: string) => void, text = ''): void {
  write(`${text}\n`);
}

/** Text from models and files without characters that steer a terminal; line breaks stay. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => (char === '\n' ? char : ' '));
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
