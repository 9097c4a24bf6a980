/** The folder below the workspace folder that holds everything of ours but the pictures. It carries its own `.gitignore`. */
export const storeFolder = '.gen-image-factory';
