/**
 * Batches of before protocol 2, as recordings hold them, in the terms of today: CPU time and
 * allocations had columns of their own, and are the first two series. The decoder checks what comes
 * out like all that comes from outside.
 */
import { create } from '@bufbuild/protobuf';
import * as wire from '../generated/acupoint_pb';

const CPU = 1;
const ALLOCATED = 2;

/** For the batches of one probe. */
export class Upgrade {
  private declared = false;

  /** Changes the batch itself: it may be large. */
  apply(batch: wire.Batch): void {
    batch.series = this.declared ? [] : declarations();
    this.declared = true;
    batch.stacks = [cpuRows(batch), allocatedRows(batch)].filter(isFilled);
    batch.tables = [];
    batch.points = [];
    batch.instruments = batch.bursts ? [burstState(batch.bursts)] : [];
  }
}

function declarations(): wire.Series[] {
  const shape = wire.Shape.STACKS;
  return [
    create(wire.SeriesSchema, { name: 'cpu', instrument: 'cpu', shape, unit: 'us' }),
    create(wire.SeriesSchema, {
      name: 'allocated',
      instrument: 'allocations',
      shape,
      unit: 'bytes',
      estimated: true,
    }),
  ];
}

function cpuRows(old: wire.Batch): wire.StackRows {
  return create(wire.StackRowsSchema, {
    series: CPU,
    stacks: old.rowStacks,
    pids: old.rowPids,
    labels: old.rowLabels,
    requests: old.rowRequests,
    counts: old.rowCounts,
    valuePerCount: old.periodUs,
  });
}

function allocatedRows(old: wire.Batch): wire.StackRows {
  return create(wire.StackRowsSchema, {
    series: ALLOCATED,
    stacks: old.allocStacks,
    pids: old.allocPids,
    labels: old.allocLabels,
    requests: old.allocRequests,
    counts: old.allocCounts,
    values: old.allocBytes,
  });
}

/** Columns that have no row go on too, for the decoder to refuse. */
function isFilled(rows: wire.StackRows): boolean {
  const { stacks, pids, labels, requests, counts, values } = rows;
  return [stacks, pids, labels, requests, counts, values].some((column) => column.length > 0);
}

function burstState(bursts: wire.AllocationBursts): wire.InstrumentState {
  const { on, watchedUs, elapsedUs, allocations, bytes, lostBytes } = bursts;
  const { requests, requestScope, costPercent, missing } = bursts;
  return create(wire.InstrumentStateSchema, {
    instrument: 'allocations',
    on,
    watchedUs,
    elapsedUs,
    events: allocations,
    value: bytes,
    lostValue: lostBytes,
    requests,
    requestScope,
    costPercent,
    missing,
  });
}
