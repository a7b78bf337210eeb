import { visible } from '../profile/names';
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

const longestServerText = 1024;

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
        'Is it the right one? It will be remembered. (yes/no) ',
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
    return this.ask(`Passphrase of ${visible(keyFile)}: `, signal);
  }

  askPassword({ target, attempt, signal }: PasswordQuestion): Promise<string | undefined> {
    this.again(attempt, 'The password was not accepted.');
    return this.ask(`Password of ${visible(target)}: `, signal);
  }

  async askInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    const { target, name, instructions, prompts, signal } = question;
    const said = [name, instructions].filter((text) => text !== '');
    if (said.length > 0) this.messages.say(`${target} says: ${said.join(' ')}`);
    const answers: string[] = [];
    for (const { text, echo } of prompts) {
      const answer = await this.ask(visible(text, longestServerText), signal, echo);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  private again(attempt: number, text: string): void {
    if (attempt > 1) this.messages.say(text);
  }

  private ask(prompt: string, signal: AbortSignal, echo = false): Promise<string | undefined> {
    this.messages.clear();
    if (!hasTerminal())
      this.messages.say(`There is no terminal to ask on: "${prompt.trim()}" stays unanswered.`);
    return askLine(prompt, { echo, signal, onCtrlC: () => this.interrupt.ctrlC() });
  }
}
