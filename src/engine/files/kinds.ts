/** What a file may be used as, by its name alone. */
import { storeFolder } from '../model/storeFolder.ts';
import { trimEnd } from '../model/trimEnd.ts';

/** What rows name: pictures in every format of a provider, the words beside one, and small pictures. */
export type FileKind = 'picture' | 'sidecar' | 'thumbnail';

const endings: Record<FileKind, RegExp> = {
  picture: /\.(?:png|jpe?g|webp|svg)$/i,
  sidecar: /\.xmp$/i,
  thumbnail: /\.webp$/i,
};

/** True where a file of this name may be used as that; without a kind, as any of them. */
export function mayBe(name: string, kind?: FileKind): boolean {
  const kinds = kind === undefined ? (Object.keys(endings) as FileKind[]) : [kind];
  return kinds.some((one) => endings[one].test(name));
}

/**
 * Folders below which nothing is an image of ours: those of source control and of the store, also as other systems
 * would read the name (capitals, ends and streams that Windows drops, its short names, signs that nobody sees).
 */
export function isProtected(component: string): boolean {
  const [plain = ''] = component.normalize('NFKC').replace(/\p{C}/gu, '').toLowerCase().split(':');
  const name = trimEnd(plain, '. ');
  return (
    name === '.git' || name === storeFolder || /^(?:git|gen-im|gi[0-9a-f]{4}|ge[0-9a-f]{4})~\d+$/.test(name)
  );
}
