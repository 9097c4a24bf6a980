/** Moments on the reader's own clock, in a form that no country reads another way. */

const two = (n: number): string => String(n).padStart(2, '0');

/** `YYYY-MM-DD HH:MM`, local. */
export function wallTime(at: number): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** `YYYYMMDD_HHMMSS`, local: for names of jobs and files. */
export function timestamp(at: number): string {
  return `${wallTime(at).replace(/[-:]/g, '').replace(' ', '_')}${two(new Date(at).getSeconds())}`;
}
