// Looks for secrets in bytes: as they are, and in the forms in which text is written elsewhere.

/** Shorter ones are found by chance. */
const SHORTEST = 6;

/** @param {Buffer} secret */
export function formsOf(secret) {
  const json = JSON.stringify(secret.toString('utf8')).slice(1, -1);
  const forms = [
    secret,
    ...base64Forms(secret),
    Buffer.from(secret.toString('hex')),
    Buffer.from(secret.toString('hex').toUpperCase()),
    Buffer.from(encodeURIComponent(secret.toString('utf8'))),
    Buffer.from(json),
    Buffer.from(secret.toString('utf8'), 'utf16le'),
  ];
  const all = new Map(forms.map((form) => [form.toString('latin1'), form]));
  return [...all.values()].filter(({ length }) => length >= SHORTEST);
}

/** As a part of a longer text it has one of three forms, by where it begins; ends depend on the rest. */
function base64Forms(secret) {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), secret]);
    const whole = padded.toString('base64').replace(/=+$/, '');
    const known = whole.slice(before === 0 ? 0 : before + 1, Math.floor((padded.length * 8) / 6));
    return [known, known.replaceAll('+', '-').replaceAll('/', '_')].map((each) =>
      Buffer.from(each),
    );
  });
}

/** A finder for the lines of a file that test/fixtures/secrets.ts has written. */
export class Needles {
  #forms = [];
  #lines = 0;

  /** @returns how many secrets there are. */
  read(lines) {
    const all = lines.split('\n').filter((line) => line !== '');
    for (const line of all.slice(this.#lines)) {
      const { kind, value } = JSON.parse(line);
      for (const form of formsOf(bytesOf(kind, Buffer.from(value, 'base64'))))
        this.#forms.push({ kind, form });
    }
    this.#lines = all.length;
    return this.#lines;
  }

  /** Kinds of the secrets in it. */
  in(bytes) {
    const found = this.#forms.filter(({ form }) => bytes.includes(form));
    return [...new Set(found.map(({ kind }) => kind))];
  }
}

/** Key bytes were noted as characters, one a byte. */
function bytesOf(kind, secret) {
  return kind.endsWith('in bytes') ? Buffer.from(secret.toString('utf8'), 'latin1') : secret;
}
