/** The folder below the workspace folder that holds everything of ours but the images. It carries its own `.gitignore`. */
export const storeFolder = '.gen-image-factory';
