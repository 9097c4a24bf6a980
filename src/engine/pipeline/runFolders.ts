/** Where a run puts its files: absolute paths of folders that exist and can be written when it starts. */
export interface RunFolders {
  output: string;
  temp: string;
  thumbnails: string;
}
