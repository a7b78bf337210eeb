import type * as vscode from 'vscode';

/** Where the code of a chunk is. */
export interface ResolvedSource {
  readonly uri: vscode.Uri;
  /** Lines to add to a line of the chunk. */
  readonly offset: number;
  /** Where the worker has it: to compare with, and to read from; '' for code that is in no file. */
  readonly targetPath: string;
}
