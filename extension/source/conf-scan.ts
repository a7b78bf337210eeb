/** Reads as much of an nginx configuration as is needed to find its Lua code and its includes. */

export interface LuaBlock {
  /** Without "_block": "access_by_lua". */
  readonly directive: string;
  /** The line that nginx puts into the chunk name. */
  readonly namedLine: number;
  /** The line where line 1 of the chunk stands. */
  readonly firstLine: number;
}

export interface ConfScan {
  readonly blocks: readonly LuaBlock[];
  /** Arguments of `include`, in order. */
  readonly includes: readonly string[];
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly quoted: boolean;
}

const MOST_BLOCKS = 10_000;
const MOST_INCLUDES = 1000;

export function scanConf(text: string): ConfScan {
  return new Scanner(text).scan();
}

/**
 * The line of the configuration where line `chunkLine` of a chunk stands. nginx names a `..._block
 * {` by the line of its brace, and a quoted one by the line of its semicolon. undefined: no such
 * block is there.
 */
export function lineInConf(
  scan: ConfScan,
  directive: string,
  namedLine: number,
  chunkLine: number,
): number | undefined {
  const block = scan.blocks.find(
    (each) => each.directive === directive && each.namedLine === namedLine,
  );
  // A main chunk is defined in line 0; what is meant is its beginning.
  return block && block.firstLine + Math.max(chunkLine, 1) - 1;
}

class Scanner {
  #at = 0;
  #line = 1;
  readonly #blocks: LuaBlock[] = [];
  readonly #includes: string[] = [];

  constructor(private readonly text: string) {}

  scan(): ConfScan {
    let words: Token[] = [];
    while (this.#at < this.text.length) {
      const char = this.text[this.#at]!;
      if (char === '\n' || /\s/.test(char)) this.#step();
      else if (char === '#') this.#skipLine();
      else if (char === ';') {
        this.#statement(words);
        words = [];
        this.#step();
      } else if (char === '{') {
        const directive = words[0]?.text ?? '';
        const line = this.#line;
        this.#step();
        if (directive.endsWith('_by_lua_block')) this.#luaBlock(directive, line);
        words = [];
      } else if (char === '}') {
        words = [];
        this.#step();
      } else words.push(char === '"' || char === "'" ? this.#quoted(char) : this.#word());
    }
    return { blocks: this.#blocks, includes: this.#includes };
  }

  #statement(words: readonly Token[]): void {
    const directive = words[0]?.text ?? '';
    if (directive === 'include' && words[1] !== undefined) {
      if (this.#includes.length < MOST_INCLUDES) this.#includes.push(words[1].text);
    } else if (directive.endsWith('_by_lua')) {
      // `set_by_lua $result 'code' $argument;`: the code is the first quoted word, if any is
      // quoted.
      const code = words.slice(1).find((word) => word.quoted) ?? words[1];
      if (code !== undefined) this.#add(directive, this.#line, code.line);
    }
  }

  #luaBlock(directive: string, line: number): void {
    this.#add(directive.slice(0, -'_block'.length), line, line);
    let depth = 1;
    while (this.#at < this.text.length && depth > 0) {
      const char = this.text[this.#at]!;
      if (char === '{') depth++;
      else if (char === '}') depth--;
      else if (char === '"' || char === "'") {
        this.#luaString(char);
        continue;
      } else if (char === '-' && this.text[this.#at + 1] === '-') {
        this.#step(2);
        if (!this.#longBracket()) this.#skipLine();
        continue;
      } else if (char === '[' && this.#longBracket()) continue;
      this.#step();
    }
  }

  #add(directive: string, namedLine: number, firstLine: number): void {
    if (this.#blocks.length < MOST_BLOCKS) this.#blocks.push({ directive, namedLine, firstLine });
  }

  #step(count = 1): void {
    for (let i = 0; i < count; i++) {
      if (this.text[this.#at] === '\n') this.#line++;
      this.#at++;
    }
  }

  #skipLine(): void {
    while (this.#at < this.text.length && this.text[this.#at] !== '\n') this.#at++;
  }

  /** A Lua string ends at its line's end at the latest, unless that is escaped. */
  #luaString(quote: string): void {
    this.#step();
    while (this.#at < this.text.length) {
      const char = this.text[this.#at]!;
      if (char === '\\') this.#step(2);
      else {
        if (char === '\n') return;
        this.#step();
        if (char === quote) return;
      }
    }
  }

  /** Skips `[[...]]` or `[=[...]=]`; false: there is none here. */
  #longBracket(): boolean {
    const open = /\[(=*)\[/y;
    open.lastIndex = this.#at;
    const level = open.exec(this.text)?.[1];
    if (level === undefined) return false;
    const close = `]${level}]`;
    const end = this.text.indexOf(close, open.lastIndex);
    this.#step((end < 0 ? this.text.length : end + close.length) - this.#at);
    return true;
  }

  #quoted(quote: string): Token {
    const line = this.#line;
    this.#step();
    const start = this.#at;
    while (this.#at < this.text.length && this.text[this.#at] !== quote) {
      this.#step(this.text[this.#at] === '\\' ? 2 : 1);
    }
    const text = this.text.slice(start, this.#at);
    this.#step();
    return { text, line, quoted: true };
  }

  #word(): Token {
    const line = this.#line;
    const start = this.#at;
    while (this.#at < this.text.length && !/[\s;{}]/.test(this.text[this.#at]!)) {
      // `${name}` is part of a word.
      if (this.text.startsWith('${', this.#at)) {
        const end = this.text.indexOf('}', this.#at);
        if (end > 0 && end - this.#at < 100) {
          this.#at = end + 1;
          continue;
        }
      }
      this.#at += this.text[this.#at] === '\\' ? 2 : 1;
    }
    return { text: this.text.slice(start, this.#at), line, quoted: false };
  }
}
