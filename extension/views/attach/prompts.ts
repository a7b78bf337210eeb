/** Asks the user what only the user can answer while a connection is made. */
import { rawText, type Outside } from '../../common/outside';
import { lines, joined, plain, plainText, type Plain } from '../../common/plain';
import {
  hostKeyNoticeText,
  type HostKeyNotice,
  type HostKeyQuestion,
  type InteractiveQuestion,
  type PassphraseQuestion,
  type PasswordQuestion,
  type Prompter,
} from '../../remote';
import { confirm, notify } from '../../ui/messages';
import { askText } from '../../ui/questions';

/** Longest text of a server that is shown: what it says is hostile until proven otherwise. */
const LONGEST = 500;
const LONGEST_LINE = 150;

export class UiPrompter implements Prompter {
  async askHostKey(question: HostKeyQuestion): Promise<boolean> {
    const { keyType, fingerprint, remarks } = question;
    const detail = lines([
      plain`${keyType} key fingerprint:`,
      plain`${fingerprint}`,
      plain``,
      plain`First connection to this host.`,
      ...remarks.map((remark) => plainText(remark, LONGEST)),
      joined(
        [
          plain`Compare the fingerprint with one you trust, for instance what`,
          plain`"ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub" prints on the host.`,
        ],
        ' ',
      ),
    ]);
    const host = plainText(question.host, LONGEST);
    const asked = plain`The host key of ${host} is not known. Connect?`;
    const answer = confirm(asked, detail, plain`Connect and Remember`);
    return (await orAborted(answer, question.signal)) === true;
  }

  tellHostKey(notice: HostKeyNotice): void {
    void notify('warning', plainText(hostKeyNoticeText(notice), LONGEST), []);
  }

  askPassphrase(question: PassphraseQuestion): Promise<string | undefined> {
    return askText(question.signal, {
      title: plain`Passphrase for ${question.keyFile}`,
      prompt: plain`Signing in to ${plainText(question.target, LONGEST)}`,
      secret: true,
      ...again(question.attempt, plain`That passphrase did not open the key. Try again.`),
    });
  }

  askPassword(question: PasswordQuestion): Promise<string | undefined> {
    return askText(question.signal, {
      title: plain`Password for ${plainText(question.target, LONGEST)}`,
      prompt: plain`It is used for this connection and kept nowhere.`,
      secret: true,
      ...again(question.attempt, plain`The host refused that password. Try again.`),
    });
  }

  async askInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    const said = joined(
      [question.name, question.instructions].map((text) => plainText(text, LONGEST)),
      ': ',
    );
    const answers: string[] = [];
    for (const prompt of question.prompts) {
      const answer = await askText(question.signal, {
        title: plain`${plainText(question.target, LONGEST)} asks`,
        prompt: lines([said, asked(prompt.text)].filter((text) => text !== '')),
        secret: !prompt.echo,
      });
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }
}

/** The last line asks: it is shown, however long a notice stands above it. */
function asked(text: Outside): Plain {
  const words = rawText(text);
  if (words.length <= LONGEST) return plainText(words, LONGEST);
  const last = words.slice(words.trimEnd().lastIndexOf('\n') + 1);
  return joined([plainText(words, LONGEST - LONGEST_LINE), plainText(last, LONGEST_LINE)], ' ');
}

function again(attempt: number, complaint: Plain): { complaint?: Plain } {
  return attempt > 1 ? { complaint } : {};
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
