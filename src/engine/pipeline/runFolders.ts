/** Where a run puts its files: absolute paths. */
export interface RunFolders {
  output: string;
  temp: string;
  thumbnails: string;
}
