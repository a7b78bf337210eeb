// Reads the counts of mocha's spec reporter off its output.

/** The last summary counts: a test may itself print what looks like one. */
export function countMocha(output) {
  const last = (word) => {
    const all = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}(?: \\(|$)`, 'gm'))];
    return Number(all.at(-1)?.[1] ?? 0);
  };
  return { passed: last('passing'), failed: last('failing'), pending: last('pending') };
}

/** Mocha's text on each failed test: its name, its error, its stack. */
export function failuresOf(output) {
  const summaries = [...output.matchAll(/^\s*\d+ failing$/gm)];
  const last = summaries.at(-1);
  return last ? output.slice(last.index + last[0].length).trim() : '';
}

export function sum(counts) {
  const total = { passed: 0, failed: 0, pending: 0 };
  for (const { passed, failed, pending } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.pending += pending;
  }
  return total;
}
