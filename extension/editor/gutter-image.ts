/** A share as a picture for the gutter: its number above a bar. */

/** As VS Code draws it: a square. */
const SIDE = 18;

/** @param percent a whole number, 1 to 100. @returns an address of the picture itself. */
export function gutterImage(percent: number, theme: 'dark' | 'light'): string {
  const [text, bar] = theme === 'dark' ? ['#cccccc', '#d18616'] : ['#3b3b3b', '#b5520a'];
  const width = Math.max(1, (SIDE * percent) / 100).toFixed(1);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}">` +
    `<text x="${SIDE / 2}" y="12" font-family="sans-serif" font-size="${percent > 99 ? 9 : 11}" ` +
    `text-anchor="middle" fill="${text}">${percent}</text>` +
    `<rect y="${SIDE - 3}" width="${width}" height="3" fill="${bar}"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
