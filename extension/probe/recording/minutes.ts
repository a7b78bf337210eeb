/**
 * The part of a session that a recording keeps: what cannot be had again, and nothing of other
 * processes.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import * as wire from '../generated/acupoint_pb';
import type { Dialogue } from './contract';

/** Hello and notices that come before somebody records are kept up to this number. */
const MOST_EARLY = 100;
const MOST_EARLY_BYTES = 1024 * 1024;

export class Minutes {
  private into: Dialogue | undefined;
  private early: Uint8Array[] = [];
  private earlyBytes = 0;
  private masters: wire.Master[] = [];

  record(into: Dialogue): void {
    this.into = into;
    for (const message of this.early) into.heard(message);
    this.early = [];
  }

  /** After it was taken in: what was refused is not kept. */
  heard(message: wire.FromProbe['message'], bytes: Uint8Array): void {
    switch (message.case) {
      case 'listing':
        this.masters = message.value.masters;
        return;
      case 'hello':
      case 'notice':
        if (this.into === undefined) this.keepEarly(bytes);
        this.into?.heard(bytes);
        return;
      case 'started':
      case 'batch':
        this.into?.heard(bytes);
        return;
      default:
        // Answers to what was asked besides: of a heap its taker keeps the pieces.
        return;
    }
  }

  private keepEarly(bytes: Uint8Array): void {
    if (this.early.length >= MOST_EARLY) return;
    if (this.earlyBytes + bytes.length > MOST_EARLY_BYTES) return;
    this.early.push(bytes);
    this.earlyBytes += bytes.length;
  }

  /** Keeps what is traced, with its master alone, and how. */
  starts(start: wire.Start): void {
    if (this.into === undefined) return;
    const { target } = start;
    const masters = this.masters.filter(({ pid, workers }) =>
      target.case === 'master'
        ? pid === target.value
        : workers.some((worker) => worker.pid === target.value),
    );
    const listing = create(wire.ListingSchema, { masters });
    const heard = create(wire.FromProbeSchema, { message: { case: 'listing', value: listing } });
    this.into.heard(toBinary(wire.FromProbeSchema, heard));
    const said = create(wire.ToProbeSchema, { command: { case: 'start', value: start } });
    this.into.said(toBinary(wire.ToProbeSchema, said));
  }
}
