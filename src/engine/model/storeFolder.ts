/** The folder below the workspace folder that holds everything of ours but the images. It carries its own `.gitignore`. */
export const storeFolder = '.gen-image-factory';

/** Of our own folder, all that holds images: the thumbnails. */
export const ownImages = 'thumbnails';

/** Below the workspace folder, with forward slashes. */
export const thumbnailFolder = `${storeFolder}/${ownImages}`;
