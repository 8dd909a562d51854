/** Bundles the browser SDK into `outDir`; answers the entries that are not there. */
export function bundleSdk(root: string, outDir: string): Promise<string[]>;
