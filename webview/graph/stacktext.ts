/** A frame, or the stack that leads to it, as text to paste into an issue. */
import { kindText } from './kinds';
import type { Profile } from './profile';
import { place } from './search';
import { ancestorsOf } from './tree';

export function stackText(profile: Profile, node: number, wholeStack: boolean): string {
  if (!wholeStack) return lineOf(profile, node);
  return ancestorsOf(profile.tree, node)
    .slice(1)
    .reverse()
    .map((ancestor) => lineOf(profile, ancestor))
    .join('\n');
}

function lineOf(profile: Profile, node: number): string {
  const row = profile.rowOf(node);
  if (row === undefined) return profile.nameOf(node);
  const { marker } = kindText(profile.kinds, profile.tree.kinds[node]!);
  return [profile.nameOf(node), marker, place(row)].filter((part) => part !== '').join(' ');
}
