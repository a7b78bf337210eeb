import { createRequire } from 'node:module';
import { rawText } from '../common/outside';
import type { ProfileEngine } from '../profile/engine';
import { TypeScriptEngine } from '../profile/engine-ts';
import { messageOf } from '../common/errors';

/** The exports of native/addon. */
interface Addon {
  readonly Engine: new () => ProfileEngine;
}

/**
 * The engine of the addon, or where that cannot be loaded the one in TypeScript, with the reason
 * told.
 * @param addonPath absolute path of acupoint.node.
 */
export function createEngine(addonPath: string, tell: (text: string) => void): ProfileEngine {
  try {
    return createNativeEngine(addonPath);
  } catch (error) {
    const reason = rawText(messageOf(error));
    tell(`The native profile engine was not loaded, the slower built-in one is used: ${reason}`);
    return new TypeScriptEngine();
  }
}

/** @throws Error where the addon is not there, or not for this platform. */
export function createNativeEngine(addonPath: string): ProfileEngine {
  const exported: unknown = createRequire(addonPath)(addonPath);
  if (!isAddon(exported)) throw new Error(`${addonPath} is not the engine.`);
  return new exported.Engine();
}

function isAddon(exported: unknown): exported is Addon {
  return (
    typeof exported === 'object' &&
    exported !== null &&
    typeof (exported as { Engine?: unknown }).Engine === 'function'
  );
}
