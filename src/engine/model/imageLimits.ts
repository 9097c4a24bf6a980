/** How large an image may be, wherever it comes from. */
export const maxImageBytes = 64 * 1024 * 1024;
export const maxSvgBytes = 5 * 1024 * 1024;
