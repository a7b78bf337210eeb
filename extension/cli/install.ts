import { planInstallation, planRemoval, type Plan } from '../probe';
import type { Transport } from '../remote';
import type { InstallCommand } from './arguments';
import { probesDir, withTransport } from './far-end';
import type { Interrupt } from './interrupt';
import { printBytes, printText } from './output';
import type { Messages } from './terminal';
import { checkWritable, writeWhole } from './write-file';

/** A script for the administrator of a machine, printed, written or run. */
export async function install(command: InstallCommand, messages: Messages, interrupt: Interrupt) {
  const { out, remove, by, to, now } = command;
  if (out !== undefined) await checkWritable(out);
  await withTransport(command, messages, interrupt, async (transport) => {
    const plan = remove
      ? await planRemoval(transport)
      : await planInstallation(transport, probesDir, by, to);
    messages.clear();
    if (now) messages.say(await plan.run());
    else if (out !== undefined) {
      await writeWhole(out, Buffer.from(plan.script));
      messages.say(`Written to ${out}. ${adviceOn(transport, plan)}`);
    } else if (process.stdout.isTTY) {
      printText(plan.review);
      const how = plan.sha256 === '' ? '' : ' This was to read: --out FILE writes all of it.';
      messages.say(`${adviceOn(transport, plan)}${how}`);
    } else printBytes(Buffer.from(plan.script));
  });
}

function adviceOn(transport: Transport, { sha256 }: Plan): string {
  const probe = sha256 === '' ? '' : ` The probe has the SHA-256 ${sha256}.`;
  return `An administrator runs it as root on ${transport.label}: sudo sh FILE.${probe}`;
}
