import * as vscode from 'vscode';
import { hoverText } from './format';
import type { EditorProfile } from './profile';

/** What is known of a line, in full: the marks in the text have no room for it. */
export class ShareHover implements vscode.HoverProvider {
  constructor(private readonly profile: EditorProfile) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    const profile = await this.profile.of(document);
    if (profile === undefined) return undefined;
    const line = position.line + 1;
    const parts: string[] = [];
    for (const each of profile.functions) {
      if (each.line !== line) continue;
      parts.push(`${each.name.slice(0, 200)}: ${hoverText(each, profile.measure)}`);
      const cost = profile.allocated?.byLine.get(line) ?? '';
      if (cost !== '') parts.push(`It allocates ${cost}, estimated from short bursts.`);
    }
    const here = profile.lines.find((each) => each.line === line);
    if (here !== undefined) {
      const bytes = profile.measure === 'allocated' ? profile.allocated?.cost(here.total) : '';
      const cost = bytes ? `; ${bytes}` : '';
      parts.push(`This line: ${hoverText(here, profile.measure)}${cost}`);
      if (here.atLeast) {
        parts.push('Several functions have code in this line; their calls may overlap.');
      }
    }
    if (parts.length === 0) return undefined;
    if (profile.freshness.kind === 'stale') parts.push(`Stale: ${profile.freshness.why}.`);
    if (profile.freshness.kind === 'unknown') {
      parts.push('Whether the worker runs this very text could not be checked.');
    }
    parts.push(`Acupoint, ${profile.capture.host}`);
    const text = new vscode.MarkdownString(parts.map(asText).join('\n\n'));
    return new vscode.Hover(text);
  }
}

/** Names come from the target: they are text, not markup. */
function asText(part: string): string {
  return part
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+\-.!|>~$:@]/g, '\\$&');
}
