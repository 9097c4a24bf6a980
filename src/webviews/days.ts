/** Date fields as local days. */

/** `YYYY-MM-DD` of a date field as the start of that local day in UTC ms; undefined when empty or unreadable. */
export function startOfDay(date: string): number | undefined {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)$/.exec(date);
  if (match === null) return undefined;
  return new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3])).getTime();
}

/** The end of that local day (the start of the next), also where the clock changes. */
export function endOfDay(date: string): number | undefined {
  const start = startOfDay(date);
  if (start === undefined) return undefined;
  const d = new Date(start);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1).getTime();
}
