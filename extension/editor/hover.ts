import type * as vscode from 'vscode';
import { plain, plainText, type Plain } from '../common/plain';
import { hover } from '../ui/widgets';
import { besides } from './allocated';
import { hoverText } from './format';
import { otherCodeText } from './other-code';
import type { EditorProfile } from './profile';

/** Everything known of a line. The marks in the text have no room for it. */
export class ShareHover implements vscode.HoverProvider {
  constructor(private readonly profile: EditorProfile) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    const profile = await this.profile.of(document);
    if (profile === undefined) return undefined;
    const line = position.line + 1;
    const parts: Plain[] = [];
    for (const each of profile.functions) {
      if (each.line !== line) continue;
      parts.push(plain`${plainText(each.name, 200)}: ${hoverText(each, profile.measure)}`);
      const cost = profile.allocated?.byLine.get(line) ?? '';
      if (cost !== '') parts.push(plain`It allocates ${cost}, estimated from short bursts.`);
    }
    const here = profile.lines.find((each) => each.line === line);
    if (here !== undefined) {
      const bytes = profile.measure === besides ? profile.allocated?.cost(here.total) : '';
      const cost = bytes ? `; ${bytes}` : '';
      parts.push(plain`This line: ${hoverText(here, profile.measure)}${cost}`);
      if (here.atLeast) {
        parts.push(plain`Several functions have code in this line; their calls may overlap.`);
      }
    }
    if (parts.length === 0) return undefined;
    if (profile.freshness.kind === 'stale') parts.push(plain`Stale: ${profile.freshness.why}.`);
    if (profile.freshness.kind === 'unknown') {
      parts.push(plain`Whether the worker runs this very text could not be checked.`);
    }
    if (profile.otherCode > 0) {
      parts.push(plain`${otherCodeText(profile.otherCode)}.`);
    }
    parts.push(plain`Acupoint, ${profile.capture.host}`);
    return hover(parts);
  }
}
