import type { Terminal } from './command-line/command';
import type { Sampling } from './sampling';

const progressMs = 200;

/**
 * Samples for so long, or until it ends otherwise, and shows how far it is.
 * @returns Unix milliseconds when it had sampled, before what was taken last came in.
 */
export async function sampleFor(
  sampling: Sampling,
  seconds: number,
  { messages, interrupt }: Terminal,
): Promise<number> {
  const show = () => {
    const { samples } = sampling.store.tallies;
    messages.progress(progressLine(sampling.elapsedSeconds, seconds, samples, messages.columns));
  };
  const timer = setInterval(show, progressMs);
  try {
    await sampling.until(seconds, interrupt.signal);
  } finally {
    clearInterval(timer);
    messages.clear();
  }
  const until = Date.now();
  await sampling.stop();
  return until;
}

/** "[=====>    ] 3.2 of 10.0 s  316 samples", as wide as fits. */
export function progressLine(
  elapsedSeconds: number,
  seconds: number,
  samples: number,
  columns: number,
): string {
  const shown = Math.min(elapsedSeconds, seconds);
  const text = ` ${shown.toFixed(1)} of ${seconds.toFixed(1)} s  ${samples} samples`;
  return bar(shown / seconds, text, columns);
}

/** The bar and the text behind it, or where there is no room for both the text. */
export function bar(share: number, text: string, columns: number): string {
  const width = Math.min(40, columns - text.length - 3);
  if (width < 5) return text.trim();
  const done = Math.round(share * width);
  const drawn = done === 0 ? '' : `${'='.repeat(done - 1)}${done === width ? '=' : '>'}`;
  return `[${drawn.padEnd(width)}]${text}`;
}
