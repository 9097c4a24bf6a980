/** Where a run puts its files: absolute paths. */
export interface Folders {
  output: string;
  temp: string;
  thumbnails: string;
}
