/** Times and numbers as people read them, in their own zone and language. */
import { momentFormat } from '../engine/model/moment.ts';

/** Language of the window, from the page. */
function language(): string {
  return document.documentElement.lang || 'en';
}

const dateTime = momentFormat(language());
const time = new Intl.DateTimeFormat(language(), { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(language(), { month: 'short', day: 'numeric' });
const numbers = new Intl.NumberFormat(language());
const percents = new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: 0 });

export function formatDateTime(at: number): string {
  return dateTime.format(at);
}

/** Today only the time, else the day too. */
export function formatWhen(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  if (sameDay) return time.format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return sameYear ? `${day.format(at)}, ${time.format(at)}` : dateTime.format(at);
}

export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** 0 to 1. */
export function formatPercent(ratio: number): string {
  return percents.format(ratio);
}

/** "1 image", "12 images". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
