/** Lists are read in pages. */

export interface Page<T> {
  items: T[];
  /** Pass back to get the next page; null at the end. */
  next: string | null;
}

export interface PageRequest {
  limit: number;
  /** `next` of the page before, or absent for the first. */
  after?: string;
  /** Jump to a position instead (page numbers, a dragged scroll bar). */
  offset?: number;
}
