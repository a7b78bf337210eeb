/** Asks the user what only the user can answer while a connection is made. */
import * as vscode from 'vscode';
import {
  hostKeyNoticeText,
  type HostKeyNotice,
  type HostKeyQuestion,
  type InteractiveQuestion,
  type PassphraseQuestion,
  type PasswordQuestion,
  type Prompter,
} from '../../remote';
import { visibleText } from '../text';

/** Longest text of a server that is shown: what it says is hostile until proven otherwise. */
const LONGEST = 500;

export class UiPrompter implements Prompter {
  async askHostKey(question: HostKeyQuestion): Promise<boolean> {
    const accept = 'Connect and Remember';
    const detail = [
      `${question.keyType} key fingerprint:`,
      question.fingerprint,
      '',
      'Nothing is known of this host yet.',
      ...question.remarks,
      'Compare the fingerprint with one you trust, for instance what ' +
        '"ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub" prints on the host.',
    ].join('\n');
    const answer = vscode.window.showWarningMessage(
      `The host key of ${visibleText(question.host, LONGEST)} is not known. Connect?`,
      { modal: true, detail },
      accept,
    );
    return (await orAborted(answer, question.signal)) === accept;
  }

  tellHostKey(notice: HostKeyNotice): void {
    void vscode.window.showWarningMessage(visibleText(hostKeyNoticeText(notice), LONGEST));
  }

  askPassphrase(question: PassphraseQuestion): Promise<string | undefined> {
    return input(question.signal, {
      title: `Passphrase for ${question.keyFile}`,
      prompt: `Signing in to ${visibleText(question.target, LONGEST)}`,
      secret: true,
      ...again(question.attempt, 'That passphrase did not open the key. Try again.'),
    });
  }

  askPassword(question: PasswordQuestion): Promise<string | undefined> {
    return input(question.signal, {
      title: `Password for ${visibleText(question.target, LONGEST)}`,
      prompt: 'It is used for this connection and kept nowhere.',
      secret: true,
      ...again(question.attempt, 'The host refused that password. Try again.'),
    });
  }

  async askInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    const said = [question.name, question.instructions]
      .map((text) => visibleText(text, LONGEST))
      .filter((text) => text !== '')
      .join(': ');
    const answers: string[] = [];
    for (const prompt of question.prompts) {
      const answer = await input(question.signal, {
        title: `${visibleText(question.target, LONGEST)} asks`,
        prompt: [said, visibleText(prompt.text, LONGEST)].filter((text) => text !== '').join('\n'),
        secret: !prompt.echo,
      });
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }
}

interface Input {
  readonly title: string;
  readonly prompt: string;
  readonly secret: boolean;
  /** What was wrong with the answer before. */
  readonly complaint?: string;
}

function again(attempt: number, complaint: string): { complaint?: string } {
  return attempt > 1 ? { complaint } : {};
}

function input(signal: AbortSignal, options: Input): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const box = vscode.window.createInputBox();
  box.title = options.title;
  box.prompt = options.prompt;
  box.password = options.secret;
  // A password manager or another window may need the focus in between.
  box.ignoreFocusOut = true;
  if (options.complaint !== undefined) box.validationMessage = options.complaint;
  return new Promise((resolve) => {
    const finish = (answer: string | undefined): void => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
      box.dispose();
    };
    const abort = (): void => finish(undefined);
    signal.addEventListener('abort', abort);
    box.onDidChangeValue(() => (box.validationMessage = undefined));
    box.onDidAccept(() => finish(box.value));
    box.onDidHide(() => finish(undefined));
    box.show();
  });
}

/** A modal dialog cannot be closed from here; its answer is ignored once nobody waits for it. */
function orAborted<T>(answer: Thenable<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener('abort', abort);
    answer.then(resolve, reject).then(
      () => signal.removeEventListener('abort', abort),
      () => undefined,
    );
  });
}
