/** Requests to the gateway, each sent when one was answered, so that its worker is never idle. */
import { Agent, get } from 'node:http';

export interface ClosedLoop {
  readonly answered: () => number;
  readonly stop: () => void;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const token = [
  encode({ alg: 'HS256' }),
  encode({ sub: 'user-17', scope: 'orders', exp: 4_000_000_000 }),
  'c2lnbmF0dXJl',
].join('.');
const headers = { apikey: 'key-1', authorization: token, 'user-agent': 'acupoint-load' };

/** @throws at the first answer that is none. */
export function startClosedLoop(port: number, connections: number): ClosedLoop {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let answered = 0;
  let running = true;
  const send = () => {
    get({ host: '127.0.0.1', port, agent, path: '/orders/17/items/A1?b=2&a=1', headers }, (got) => {
      got.resume();
      got.on('end', () => {
        if (got.statusCode !== 200) throw new Error(`The gateway answered ${got.statusCode}.`);
        answered += 1;
        if (running) send();
      });
    }).on('error', (error) => {
      if (running) throw error;
    });
  };
  for (let i = 0; i < connections; i++) send();
  return {
    answered: () => answered,
    stop: () => {
      running = false;
      agent.destroy();
    },
  };
}
