/** How a moment is written for people, in the language of their window and their own zone: "Nov 22, 2026, 4:10 PM". */
export function momentFormat(language: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
}
