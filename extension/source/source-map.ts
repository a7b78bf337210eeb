/** The setting `acupoint.sourceMap`: where paths of the target are in the workspace. */

export interface Mapped {
  /** As the setting has it: absolute, a URI, or relative to a workspace folder. */
  readonly folder: string;
  /** Below that folder; '' for the folder's own key being the whole path. */
  readonly rest: string;
}

/** The longest key that is a whole-segment beginning of `path` wins; undefined: none is. */
export function applySourceMap(map: unknown, path: string): Mapped | undefined {
  if (typeof map !== 'object' || map === null) return undefined;
  // A path that climbs out could leave the folder that it is mapped to.
  if (path.split('/').includes('..')) return undefined;
  let best: (Mapped & { length: number }) | undefined;
  for (const [key, folder] of Object.entries(map as Record<string, unknown>)) {
    if (typeof folder !== 'string' || folder === '' || key === '') continue;
    const prefix = key.endsWith('/') ? key : `${key}/`;
    if (path !== key && !path.startsWith(prefix)) continue;
    if (best === undefined || key.length > best.length) {
      best = { folder, rest: path.slice(prefix.length), length: key.length };
    }
  }
  return best && { folder: best.folder, rest: best.rest };
}
