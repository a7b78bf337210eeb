import { serverName } from '../capture/target';
import { visible } from '../common/outside';
import type { MasterProcess } from '../probe';
import type { ListCommand } from './arguments';
import { withFarEnd } from './far-end';
import { printJson, printLines } from './output';
import type { Interrupt } from './interrupt';
import type { Messages } from './terminal';

export async function list(command: ListCommand, messages: Messages, interrupt: Interrupt) {
  const { masters, host } = await withFarEnd(
    command,
    messages,
    interrupt,
    async ({ session, transport }) => ({ masters: await session.list(), host: transport.label }),
  );
  if (command.json) printJson({ host, masters }, 2);
  else printLines(masters.flatMap(masterLines));
  if (masters.length === 0)
    messages.say(`No nginx runs on ${host}, or none that this user may see.`);
}

/** A line for the master, and an indented one for each of its workers. */
function masterLines(master: MasterProcess): string[] {
  const facts = [
    `master ${master.pid}`,
    serverName(master),
    master.kind !== 'nginx' && master.nginxVersion !== '' ? `nginx ${master.nginxVersion}` : '',
    master.listen.join(' '),
    master.container === '' ? '' : `container ${master.container}`,
    master.lua ? 'Lua' : 'no Lua',
    master.configFile,
  ].filter((fact) => fact !== '');
  const workers = master.workers.map((worker) => {
    const megabytes = (worker.rssBytes / 2 ** 20).toFixed(1);
    const cpu = `${worker.cpuPercent.toFixed(1)} %`.padStart(8);
    const pid = String(worker.pid).padEnd(8);
    return `  worker ${pid}${cpu} CPU ${megabytes.padStart(8)} MB  ${visible(worker.title)}`;
  });
  return [visible(facts.join('  '), 1000), ...workers];
}
