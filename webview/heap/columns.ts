/** The columns of the tables of a heap snapshot. */
import { bytesText } from '../../extension/profile/bytes';
import type { GridColumn } from '../common/grid';
import { percent, whole } from '../common/format';
import type { HeapFacts, HeapRow, HeapTableName } from '../../extension/page/heap';
import { signed } from './tree';

export type HeapColumn = GridColumn<HeapRow>;

export const TABLE_TITLES: Record<HeapTableName, string> = {
  owners: 'Owners',
  modules: 'Modules',
  types: 'Types',
  functions: 'Functions',
  largest: 'Largest objects',
};

const NAMES: Record<HeapTableName, [title: string, hint: string]> = {
  owners: ['Owner', 'Who alone holds the memory; it would be free without the owner'],
  modules: ['Module', 'What require has loaded'],
  types: ['Type', 'Each object is in one row; parts stand below their row'],
  functions: ['Function', 'Where the function that closures are made of is defined'],
  largest: ['Object', 'The objects that hold most, and the way that leads to each'],
};

export function growthOf({ bytes, before }: HeapRow): number | null {
  return before === null ? null : bytes - before;
}

export function columnsOf(table: HeapTableName, facts: HeapFacts): HeapColumn[] {
  const [title, hint] = NAMES[table];
  const name = text('name', title, hint, (row) => row.name);
  const retained =
    table === 'types'
      ? number('bytes', 'Size', 'Bytes of the objects themselves', (row) => row.bytes)
      : number(
          'bytes',
          'Retained',
          'Bytes that it alone keeps from being freed',
          (row) => row.bytes,
        );
  const columns: HeapColumn[] = [name];
  if (table === 'owners')
    columns.push(text('kind', 'Kind', 'Plugin, core of the gateway, or other', kindOf));
  if (table === 'modules' || table === 'largest')
    columns.push(text('owner', 'Owner', 'Whom it belongs to', (row) => row.owner));
  if (facts.before !== null) {
    columns.push(
      number(
        'before',
        'Before',
        'The same in the earlier snapshot',
        (row) => row.before ?? -1,
        (row) => (row.before === null ? '–' : bytesText(row.before)),
      ),
    );
  }
  columns.push(retained);
  if (facts.before !== null) {
    columns.push(
      number(
        'growth',
        'Growth',
        'What it has more than before; – where an earlier figure is not known',
        (row) => growthOf(row) ?? -Infinity,
        (row) => {
          const growth = growthOf(row);
          return growth === null ? '–' : signed(growth);
        },
      ),
    );
  }
  columns.push(
    number(
      'share',
      'Share',
      'Of all that was found',
      (row) => row.bytes,
      (row) => percent(row.bytes, facts.reachedBytes),
    ),
    number(
      'objects',
      ...OBJECTS[table],
      (row) => row.objects,
      (row) => whole(row.objects),
    ),
  );
  if (table === 'types')
    columns.push(text('note', 'Notes', 'How full tables are, and finalizers', (row) => row.note));
  return columns;
}

const OBJECTS: Record<HeapTableName, [title: string, hint: string]> = {
  owners: ['Objects', 'Objects that it alone holds'],
  modules: ['Objects', 'Objects that it alone holds'],
  types: ['Count', 'Objects; of parts of tables, slots'],
  functions: ['Closures', 'Functions that were made of it and are still there'],
  largest: ['Objects', 'Objects that it alone holds, itself included'],
};

export function kindOf({ kind }: HeapRow): string {
  return kind === 'plugin' || kind === 'core' ? kind : '';
}

function text(
  id: string,
  title: string,
  hint: string,
  value: (row: HeapRow) => string,
): HeapColumn {
  return { id, title, hint, numeric: false, value: (row) => value(row).toLowerCase(), text: value };
}

function number(
  id: string,
  title: string,
  hint: string,
  value: (row: HeapRow) => number,
  written: (row: HeapRow) => string = (row) => bytesText(value(row)),
): HeapColumn {
  return { id, title, hint, numeric: true, value, text: written };
}
