/** Buttons that do what a key does, and name it. */
import { button } from '../common/toolkit';
import { type BoundKey, withKey } from './keys';

export const TURN_TITLE = 'Flip: root at the top or at the bottom';

/** @param quiet without a frame, for buttons that stand in rows. */
export function keyButton(label: string, title: string, key: BoundKey, quiet = true): HTMLElement {
  return button({ label, title: withKey(title, key), quiet, onClick: key.run });
}
