/** What an image is called wherever it is named: its title, else its prompt; null where it has neither yet. */
export function imageName({ title, prompt }: { title: string | null; prompt: string }): string | null {
  return [title ?? '', prompt].find((name) => name.trim() !== '') ?? null;
}
