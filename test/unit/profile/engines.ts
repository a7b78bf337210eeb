/** Both engines, for tests that hold each to the same answers. */
import { join } from 'node:path';
import { createNativeEngine } from '../../../extension/capture/engine-loader';
import type { ProfileEngine } from '../../../extension/profile/engine';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { repositoryRoot } from '../../fixtures/root';

export const addonPath = join(repositoryRoot, 'native/addon/build/acupoint.node');

export function newNativeEngine(): ProfileEngine {
  return createNativeEngine(addonPath);
}

export const engines: readonly [string, () => ProfileEngine][] = [
  ['TypeScript', () => new TypeScriptEngine()],
  ['native', newNativeEngine],
];
