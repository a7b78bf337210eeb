/** The editor's features, registered together. */
import * as vscode from 'vscode';
import type { Captures } from '../capture/captures';
import type { Log } from '../common/log';
import type { SourceResolver } from '../source/resolver';
import { TARGET_SCHEME } from '../source/target-documents';
import { FunctionLenses } from './code-lens';
import { ShareHover } from './hover';
import { LineShares } from './lines';
import { EditorProfile } from './profile';
import { Staleness } from './staleness';

/** Lua code is in Lua files, in nginx's configuration, and in what is read from the target. */
const selector: vscode.DocumentSelector = [
  { language: 'lua' },
  { pattern: '**/*.conf' },
  { scheme: TARGET_SCHEME },
];

export function registerEditor(
  captures: Captures,
  resolver: SourceResolver,
  log: Log,
): vscode.Disposable {
  const staleness = new Staleness(resolver.documents);
  const profile = new EditorProfile(captures, resolver, staleness, log);
  const lenses = new FunctionLenses(profile);
  return vscode.Disposable.from(
    staleness,
    profile,
    new LineShares(profile),
    lenses,
    vscode.languages.registerCodeLensProvider(selector, lenses),
    vscode.languages.registerHoverProvider(selector, new ShareHover(profile)),
  );
}
