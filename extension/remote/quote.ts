/** As one word of a shell of the Bourne family, whatever it holds but zero bytes. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
