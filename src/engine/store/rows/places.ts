/** How far generations and variations are counted: well beyond what a job may have (S2). */
export const mostGenerations = 1_000_000;
export const mostVariations = 10_000;
