/**
 * The cost of a capture's entries: how much memory a process has taken when its account is full of
 * one kind of them, beside what the account says. The constants of extension/probe/account.ts are
 * right where no ratio is much above 1; what one message costs while it is read comes on top.
 *
 *   npm run bench:account
 */
import { takeIn } from '../unit/probe/bounds/take';
import { wires, type WireName } from '../unit/probe/bounds/wires';

const CAP_MB = 512;
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0).padStart(6);

async function main(): Promise<void> {
  console.log('wire          engine    sent MB  account   kept   peak   peak/account');
  for (const name of [...Object.keys(wires), 'all'] as (WireName | 'all')[]) {
    for (const engine of ['ts', 'native'] as const) {
      const { wireBytes, accountBytes, keptBytes, peakBytes } = await takeIn(name, CAP_MB, engine);
      const figures = [wireBytes, accountBytes, keptBytes, peakBytes].map(megabytes).join(' ');
      const ratio = (peakBytes / accountBytes).toFixed(2);
      console.log(`${name.padEnd(14)}${engine.padEnd(8)}${figures}   ${ratio}`);
    }
  }
}

void main();
