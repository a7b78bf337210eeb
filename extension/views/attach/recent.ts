import type * as vscode from 'vscode';
import { formatDestination, type Destination } from '../../remote';

const KEY = 'recentHosts';
const MOST = 5;

/** Hosts that were attached to, latest first. Names only: no secret is ever among them. */
export class RecentHosts {
  constructor(private readonly state: vscode.Memento) {}

  get names(): readonly string[] {
    const stored = this.state.get<unknown>(KEY);
    return Array.isArray(stored)
      ? stored.filter((each): each is string => typeof each === 'string').slice(0, MOST)
      : [];
  }

  async add(destination: Destination): Promise<void> {
    if (destination.kind === 'local') return;
    const name = formatDestination(destination);
    const rest = this.names.filter((each) => each !== name);
    await this.state.update(KEY, [name, ...rest].slice(0, MOST));
  }
}
