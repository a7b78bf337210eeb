import * as vscode from 'vscode';
import { percent } from './format';
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
      parts.push(
        `${each.name.slice(0, 200)}: ${percent(each.total)} % of CPU with what it calls, ` +
          `${percent(each.self)} % itself`,
      );
    }
    const here = profile.lines.find((each) => each.line === line);
    if (here !== undefined) {
      const least = here.atLeast ? 'at least ' : '';
      parts.push(
        `This line: ${least}${percent(here.total)} % of CPU with what it calls, ` +
          `${percent(here.self)} % itself`,
      );
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
