/** Errors of a gateway on a bad day. */
import type { ErrorsMessage } from '../../extension/page/messages';

const rate = (...last: number[]): number[] => [
  ...new Array<number>(12 - last.length).fill(0),
  ...last,
];
const handler = '/usr/local/share/lua/5.1/kong/plugins/acl/handler.lua';

export function errorsOf(changes: Partial<ErrorsMessage> = {}): ErrorsMessage {
  return {
    type: 'errors',
    exceptions: [
      {
        message: "handler.lua:88: attempt to index local 'consumer' (a nil value)",
        caught: true,
        file: handler,
        line: 88,
        chunk: 0,
        from: 'runloop/plugins_iterator.lua:41',
        count: 1204,
        rate: rate(2, 4, 8, 16.4),
      },
      {
        message: '(table)',
        caught: false,
        file: 'content_by_lua(nginx.conf:12)',
        line: 3,
        chunk: 1,
        from: '',
        count: 2,
        rate: rate(0.4, 0),
      },
      {
        message: 'no file for this one',
        caught: null,
        file: '[collected function]',
        line: 0,
        chunk: -1,
        from: '',
        count: 1,
        rate: [],
      },
    ],
    responses: [
      {
        status: 403,
        file: '/usr/local/share/lua/5.1/kong/pdk/response.lua',
        line: 650,
        chunk: 2,
        from: 'acl/handler.lua:97',
        count: 88,
        rate: rate(3, 3, 3),
      },
      { status: 0, file: '[tail call]', line: 0, chunk: -1, from: '', count: 1, rate: rate(1, 0) },
    ],
    log: [
      {
        level: 'error',
        text: '',
        file: '/usr/local/share/lua/5.1/kong/pdk/log.lua',
        line: 20,
        chunk: 3,
        from: 'acl/handler.lua:90',
        count: 40,
        rate: rate(1, 1.2),
      },
      {
        level: 'warn',
        text: 'upstream server temporarily disabled',
        file: '',
        line: 0,
        chunk: -1,
        from: '',
        count: 3,
        rate: rate(0.6),
      },
    ],
    left: 0,
    lost: 0,
    watchedMs: 20_000,
    elapsedMs: 20_000,
    on: true,
    missing: '',
    ...changes,
  };
}
