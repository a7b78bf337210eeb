/**
 * Runs before the page's own script: stands in for VS Code, keeps what the page says, and makes
 * trees from stacks so that tests can say what they mean.
 */
import type {
  FunctionRow,
  PageState,
  ToExtension,
  ToPage,
  UnitName,
} from '../../../extension/page/messages';
import { treeFromStacks, type StackSpec } from './trees';

interface TestApi {
  sent: ToExtension[];
  violations: string[];
  send(message: ToPage): void;
  sendStacks(stacks: StackSpec[], profile?: string, unit?: UnitName): number;
  /** Of the last tree: how far shares may be off, as parts of 1, and of some functions by name. */
  sendErrors(half: number, others: Record<string, number>): void;
}

declare global {
  interface Window {
    acquireVsCodeApi: () => unknown;
    acupointTest: TestApi;
  }
}

let state = readState();
const sent: ToExtension[] = [];
const violations: string[] = [];
const known = new Map<string, number>();
let revision = 0;
/** Functions of the last tree, by node. */
let shown: ArrayLike<number> = [];

function readState(): PageState | undefined {
  const stored = sessionStorage.getItem('state');
  return stored === null ? undefined : (JSON.parse(stored) as PageState);
}

window.acquireVsCodeApi = () => ({
  postMessage: (message: ToExtension) => sent.push(structuredClone(message)),
  getState: () => state,
  setState: (next: PageState) => {
    state = next;
    sessionStorage.setItem('state', JSON.stringify(next));
  },
});

document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});

function send(message: ToPage): void {
  window.dispatchEvent(new MessageEvent('message', { data: message }));
}

window.acupointTest = {
  sent,
  violations,
  send,
  sendStacks(stacks, profile = 'profile', unit = 'cpu') {
    const firstFunction = known.size + 1;
    const newFunctions: FunctionRow[] = [];
    const arrays = treeFromStacks(stacks, (row) => {
      const key = `${row.name}|${row.file}|${row.line}`;
      let id = known.get(key);
      if (id === undefined) {
        id = known.size + 1;
        known.set(key, id);
        newFunctions.push(row);
      }
      return id;
    });
    // In two pieces, as large profiles are told.
    const early = newFunctions.splice(0, newFunctions.length >> 1);
    send({ type: 'functions', profile, firstFunction, newFunctions: early });
    shown = arrays.functions;
    const numbers = { revision: ++revision, firstFunction: firstFunction + early.length };
    send({ type: 'tree', ...numbers, profile, unit, ...arrays, newFunctions });
    return revision;
  },
  sendErrors(half, others) {
    const names = ['', ...[...known.keys()].map((key) => key.split('|')[0]!)];
    const errorOf = (id: number): number => others[names[id]!] ?? half;
    const ofNodes = Float32Array.from(shown, errorOf);
    const ofFunctions = Float32Array.from(names.keys(), errorOf);
    send({
      type: 'shareErrors',
      revision,
      total: ofNodes,
      self: ofNodes,
      functionTotal: ofFunctions,
      functionSelf: ofFunctions,
    });
  },
};
