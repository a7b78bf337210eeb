/** The profile as the page knows it: functions told so far and the latest tree. */
import { defaultMeasure } from '../../extension/profile/series';
import { frameKinds, type Kinds } from './kinds';
import type {
  ShareErrorsMessage,
  FunctionRow,
  FunctionsMessage,
  TreeMessage,
} from '../../extension/page/messages';
import { emptyTree, prepare, type Tree } from './tree';
import { units, type Unit } from './units';

export class Profile {
  /** Identity of the function ids; '' before the first tree. */
  id = '';
  /** The shown tree: all, or the stacks that a filter has left. */
  tree: Tree = emptyTree;
  /** All that was captured. */
  all: Tree = emptyTree;
  kinds: Kinds = frameKinds;
  /** Of the trees' weights. */
  unit: Unit = units[defaultMeasure];
  /** By function id; index 0 is not one. */
  functions: (FunctionRow | undefined)[] = [undefined];

  /** As the tree's, by function id; of all that was captured. */
  functionErrors: Tree['errors'];
  /** Of the tree. */
  private revision = 0;

  /** The text behind a name where there is room; absent: where its source is. */
  noteOf: ((node: number) => string) | undefined;

  private readonly places: (string | undefined)[] = [];
  /** Functions that came before the tree that is the first to need them. */
  private readonly told: FunctionsMessage[] = [];

  learn(message: FunctionsMessage): void {
    this.told.push(message);
  }

  /** @returns whether this is another profile than before. */
  apply(message: TreeMessage): boolean {
    const isNew = message.profile !== this.id;
    if (isNew) this.clear();
    this.id = message.profile;
    for (const told of [...this.told.splice(0), message])
      if (told.profile === message.profile)
        told.newFunctions.forEach((row, i) => (this.functions[told.firstFunction + i] = row));
    this.unit = units[message.unit ?? defaultMeasure];
    this.tree = this.all = prepare(message, message.whole, message.wholeSamples);
    this.revision = message.revision;
    this.functionErrors = undefined;
    return isNew;
  }

  /** @returns whether they are those of the tree that is there. */
  applyErrors({ revision, total, self, functionTotal, functionSelf }: ShareErrorsMessage): boolean {
    if (revision !== this.revision || total.length !== this.all.size) return false;
    this.tree = this.all = { ...this.all, errors: { total, self } };
    this.functionErrors = { total: functionTotal, self: functionSelf };
    return true;
  }

  clear(): void {
    this.tree = this.all = emptyTree;
    this.functionErrors = undefined;
    this.functions = [undefined];
    this.places.length = 0;
  }

  /** Folder, file and line of a Lua function: folders are what plugins are told apart by. */
  shortPlaceOf(node: number): string {
    if (this.noteOf !== undefined) return this.noteOf(node);
    const functionId = this.tree.functions[node]!;
    return (this.places[functionId] ??= this.placeOfSource(functionId));
  }

  private placeOfSource(functionId: number): string {
    const row = this.functions[functionId];
    // A block of nginx.conf and a main chunk are named by their place.
    return row?.hasSource === true && !row.name.includes(row.file) ? shortPlace(row) : '';
  }

  rowOf(node: number): FunctionRow | undefined {
    return node > 0 ? this.functions[this.tree.functions[node]!] : undefined;
  }

  nameOf(node: number): string {
    return node === 0 ? 'all' : this.nameOfFunction(this.tree.functions[node]!);
  }

  nameOfFunction(functionId: number): string {
    return this.functions[functionId]?.name || `[function ${functionId}]`;
  }
}

/** Folder, file and line; '' where the file is not known. */
export function shortPlace(row: FunctionRow): string {
  const short = row.file.split('/').slice(-2).join('/');
  return row.line > 0 && short !== '' ? `${short}:${row.line}` : short;
}
