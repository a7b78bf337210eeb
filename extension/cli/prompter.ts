import { isEmpty, rawText, visible, type Visible } from '../common/outside';
import { hostKeyNoticeText } from '../remote/host-key-notice';
import type {
  HostKeyNotice,
  HostKeyQuestion,
  InteractiveQuestion,
  PassphraseQuestion,
  PasswordQuestion,
  Prompter,
} from '../remote/prompter';
import type { Interrupt } from './interrupt';
import type { Messages } from './terminal';
import { askLine, hasTerminal } from './tty';

/** Of what a server says before it asks, and of the line that asks. */
const longestServerText = 8192;
const longestQuestion = 1024;

/** Asks on the terminal. Without one each question is answered by "no", and what it was is said. */
export class TerminalPrompter implements Prompter {
  constructor(
    private readonly messages: Messages,
    private readonly interrupt: Interrupt,
  ) {}

  async askHostKey(question: HostKeyQuestion): Promise<boolean> {
    const { host, keyType, fingerprint, remarks, signal } = question;
    const said = [
      `The host ${host} is not known yet.`,
      ...remarks,
      `Its ${keyType} key has the fingerprint`,
      `  ${fingerprint}`,
    ];
    this.messages.say(said.join('\n'));
    for (;;) {
      const answer = await this.ask(
        visible('Is it the right one? It will be remembered. (yes/no) '),
        signal,
        true,
      );
      if (answer === undefined) return false;
      const word = answer.trim().toLowerCase();
      if (word === 'yes' || word === fingerprint.toLowerCase()) return true;
      if (word === 'no' || word === 'n') return false;
      this.messages.say('Please type yes or no.');
    }
  }

  tellHostKey(notice: HostKeyNotice): void {
    this.messages.say(hostKeyNoticeText(notice));
  }

  askPassphrase({ keyFile, attempt, signal }: PassphraseQuestion): Promise<string | undefined> {
    this.again(attempt, 'That passphrase does not open the key.');
    return this.ask(visible(`Passphrase of ${keyFile}: `), signal);
  }

  askPassword({ target, attempt, signal }: PasswordQuestion): Promise<string | undefined> {
    this.again(attempt, 'The password was not accepted.');
    return this.ask(visible(`Password of ${target}: `), signal);
  }

  async askInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    const { target, name, instructions, prompts, signal } = question;
    const said = [name, instructions].filter((text) => !isEmpty(text)).map(rawText);
    if (said.length > 0) this.messages.say(`${target} says: ${indented(said.join(' '))}`);
    const answers: string[] = [];
    for (const { text, echo } of prompts) {
      const rows = rawText(text).split(/\r?\n/);
      const last = rows.pop() ?? '';
      // Lines before the one that asks stand above it, as they do in ssh.
      const above = rows.join('\n').slice(0, longestServerText);
      if (above !== '') this.messages.say(`  ${indented(above)}`);
      const answer = await this.ask(visible(last, longestQuestion), signal, echo);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  private again(attempt: number, text: string): void {
    if (attempt > 1) this.messages.say(text);
  }

  private ask(prompt: Visible, signal: AbortSignal, echo = false): Promise<string | undefined> {
    this.messages.clear();
    if (!hasTerminal())
      this.messages.say(`There is no terminal to ask on: "${prompt.trim()}" stays unanswered.`);
    return askLine(prompt, { echo, signal, onCtrlC: () => this.interrupt.ctrlC() });
  }
}

/** Further lines do not begin where ours do: a server cannot write what looks like one of them. */
function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
