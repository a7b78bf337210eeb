import assert from 'node:assert/strict';
import {
  exceptionsIn,
  logLinesIn,
  ratesOf,
  responsesIn,
  TAIL_CALL,
} from '../../../extension/analysis/errors';
import * as errors from '../../../extension/cli/commands/errors';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { hostile, wrongBatch } from '../profile/wrong-rows';

const seenByNobody = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
function stored(timeUs = 1e6): ProfileStore {
  const store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(1_700_000_000_000);
  store.add(wrongBatch(timeUs));
  return store;
}

const figures = {
  watchedUs: 5e6,
  elapsedUs: 20e6,
  events: 0,
  value: 0,
  lostEvents: 3,
  lostValue: 0,
  requests: 0,
  perRequest: null,
  requestsMissing: '',
  perRequestError: 0,
  perSecond: null,
};

describe('what goes wrong by line', () => {
  it('says who caught it, or that nobody knows', () => {
    const rows = exceptionsIn(stored(), sinceStart);
    assert.deepEqual(
      rows.map(({ message, caught, count }) => [message, caught, count]),
      [
        ['(table)', true, 5],
        ['no such order', false, 2],
        [hostile, null, 1],
      ],
    );
    assert.deepEqual(rows[1]!.from, { file: '=content_by_lua(nginx.conf:3)', line: 1 });
    assert.equal(rows[0]!.file, '@/srv/resty/core/x.lua');
  });

  it('blames who called a wrapper, and makes no line up', () => {
    assert.deepEqual(responsesIn(stored(), sinceStart), [
      {
        status: 403,
        file: '@/srv/response.lua',
        line: 8,
        from: { file: '@/srv/handler.lua', line: 31 },
        count: 7,
      },
      { status: 404, file: TAIL_CALL, line: 0, from: null, count: 2 },
      { status: null, file: '@/srv/a.lua', line: 7, from: null, count: 1 },
      { status: 0, file: '@/srv/a.lua', line: 9, from: null, count: 1 },
    ]);
    assert.deepEqual(logLinesIn(stored(), sinceStart)[1], {
      level: 'warn',
      file: '',
      line: 0,
      from: null,
      count: 2,
      text: 'upstream server temporarily disabled',
    });
  });

  it('is a rate over the last minute', () => {
    const store = stored(58e6);
    const rates = ratesOf(
      (query) => logLinesIn(store, query),
      ({ level }) => level,
      sinceStart,
      60e6,
    );
    const rate = rates.get('error')!;
    assert.deepEqual([rate.length, rate.at(-1)], [12, 6 / 5]);
    assert.equal(
      rate.reduce((sum, each) => sum + each, 0),
      6 / 5,
    );
  });

  it('has rates of the time that was watched, where that is a part', () => {
    const read = (query: Parameters<typeof logLinesIn>[1]) => logLinesIn(stored(58e6), query);
    const parts = (part: number) =>
      ratesOf(
        read,
        ({ level }) => level,
        sinceStart,
        60e6,
        () => part,
      ).get('error');
    assert.equal(parts(0.1)?.at(-1), 12);
    assert.equal(parts(0), undefined);
  });

  it('answers machines with places as in the other commands', () => {
    const wrongs = errors.wrongsOf(stored(), figures, 2);
    assert.deepEqual(wrongs.responses[0], {
      status: 403,
      file: '/srv/response.lua',
      line: 8,
      from: { file: '/srv/handler.lua', line: 31 },
      count: 7,
    });
    assert.equal(wrongs.responses[1]!.file, '[tail call]');
    assert.deepEqual([wrongs.exceptions.length, wrongs.lost, wrongs.estimated], [2, 3, true]);
  });

  it('shows nothing that a terminal would act on', () => {
    const lines = errors.lines(errors.wrongsOf(stored(), figures, 9), figures, `x${hostile}`);
    for (const line of lines) assert.doesNotMatch(line, seenByNobody);
    const text = lines.join('\n');
    assert.match(text, /seen in bursts in 5\.00 of 20\.0 s of workers, 3 lost$/m);
    assert.match(
      text,
      /^no such order +\/srv\/a\.lua:7 +2 +no {2}content_by_lua\(nginx\.conf:3\):1$/m,
    );
    assert.match(text, /^closed +\/srv\/a\.lua:9 +1$/m);
    assert.match(text, /^warn +upstream server temporarily disabled +2$/m);
  });
});
