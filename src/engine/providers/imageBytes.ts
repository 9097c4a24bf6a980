/** What the first bytes of an image say, for the content type that it is sent with. */

/** `image/png`, `image/jpeg` or `image/webp`. */
export function mimeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' | 'image/webp' {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg';
  if (bytes[0] === 0x52 && bytes[1] === 0x49 && bytes[8] === 0x57) return 'image/webp';
  return 'image/png';
}
