import { serverName } from '../../capture/target';
import { visible } from '../../common/outside';
import { hiddenProcesses, masterName, roleOf, stageOf, type MasterProcess } from '../../probe';
import { defineCommand, type Common, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { withFarEnd } from '../far-end';
import { printJson, printLines } from '../output';

export const list = defineCommand({
  name: 'list',
  summary: 'the nginx masters and workers of a machine',
  usage: ['[user@host] [--json]'],
  about: ['Lists the nginx masters of a machine with their workers.'],
  options: {
    json: json(
      'one JSON object',
      '{"host","masters":[{"pid","kind","version","nginxVersion","executable","commandLine",' +
        '"prefix","configFile","listen":[],"container","user","lua","workers":[{"pid","startTime",' +
        '"cpuPercent","rssBytes","title","refused","role"}]}]}',
      'role is worker, privileged agent, cache manager, cache loader, or process: one that an ' +
        'application has given a title of its own.',
    ),
  },
  read: (_values, common) => common,
  run,
});

async function run(request: Common, terminal: Terminal): Promise<void> {
  const { masters, host, hidden } = await withFarEnd(
    request,
    terminal,
    async ({ session, transport }) => ({
      masters: await session.list(),
      host: transport.label,
      hidden: hiddenProcesses(session.hello),
    }),
  );
  if (request.json) printJson({ host, masters: masters.map(forMachines) }, 2);
  else printLines(masters.flatMap(masterLines));
  if (masters.length > 0) return;
  terminal.messages.say(`No nginx runs on ${host}, or none that this user may see.`);
  if (hidden !== '') terminal.messages.say(visible(hidden, 1000));
}

function forMachines(master: MasterProcess) {
  return {
    ...master,
    workers: master.workers.map((worker) => ({ ...worker, role: roleOf(worker, master) })),
  };
}

/** A line for the master, and an indented one for each of its workers. */
function masterLines(master: MasterProcess): string[] {
  const facts = [
    masterName(master),
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
    const role = roleOf(worker, master).padEnd(6);
    const stage = stageOf(worker, master);
    const title = `${visible(worker.title)}${stage === '' ? '' : ` (${stage})`}`;
    return `  ${role} ${pid}${cpu} CPU ${megabytes.padStart(8)} MB  ${title}`;
  });
  return [visible(facts.join('  '), 1000), ...workers];
}
