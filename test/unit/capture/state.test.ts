import assert from 'node:assert/strict';
import {
  isOver,
  isRecording,
  next,
  type CaptureEvent,
  type CaptureState,
} from '../../../extension/capture/state';

const states: CaptureState[] = [
  'idle',
  'connecting',
  'choosing',
  'attaching',
  'running',
  'paused',
  'stopped',
  'failed',
];
const events: CaptureEvent[] = [
  'connect',
  'list',
  'attach',
  'run',
  'pause',
  'resume',
  'stop',
  'fail',
];

describe('the life of a capture', () => {
  it('goes from a host to samples', () => {
    const steps: CaptureEvent[] = ['connect', 'attach', 'run'];
    let state: CaptureState = 'idle';
    for (const event of steps) state = next(state, event) ?? assert.fail(`${state} ${event}`);
    assert.equal(state, 'running');
  });

  it('is connected while somebody chooses a process', () => {
    assert.equal(next('connecting', 'list'), 'choosing');
    assert.equal(next('choosing', 'attach'), 'attaching');
    // The list can be asked for again, then and later.
    assert.equal(next('choosing', 'list'), undefined);
    assert.equal(next('running', 'list'), undefined);
  });

  it('pauses and resumes only what runs', () => {
    assert.equal(next('running', 'pause'), 'paused');
    assert.equal(next('paused', 'resume'), 'running');
    assert.equal(next('attaching', 'pause'), undefined);
    assert.equal(next('running', 'resume'), undefined);
  });

  it('can end at any time, once', () => {
    for (const state of states) {
      for (const event of ['stop', 'fail'] as const) {
        assert.equal(next(state, event) === undefined, isOver(state), `${state} ${event}`);
      }
    }
  });

  it('has no way back from the end', () => {
    for (const state of states.filter(isOver)) {
      for (const event of events) assert.equal(next(state, event), undefined);
    }
  });

  it('records while the view is paused', () => {
    assert.deepEqual(states.filter(isRecording), ['running', 'paused']);
  });
});
