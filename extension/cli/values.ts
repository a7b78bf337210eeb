/** What options can hold, checked. All throw UsageError saying what is wrong. */
import { GroupingRules } from '../analysis/grouping';
import type { SamplerName } from '../probe';
import { UsageError } from './exit';

/** Each is NAME=PATTERN. */
export function groupsOf(given: readonly string[]) {
  return given.map((text) => {
    const at = text.indexOf('=');
    return { name: text.slice(0, Math.max(at, 0)), pattern: text.slice(at + 1) };
  });
}

export function groupingRules(groups: ReturnType<typeof groupsOf>, command: string): GroupingRules {
  const rules = new GroupingRules(groups);
  const [problem] = rules.problems;
  if (problem !== undefined) throw new UsageError(`--group: ${problem}`, command);
  return rules;
}

export function sampler(command: string, name: string): SamplerName {
  if (name === 'bpf' || name === 'perf' || name === 'ptrace') return name;
  throw new UsageError(`"${name}" is not a sampler; bpf, perf and ptrace are.`, command);
}

export function integer(
  command: string,
  option: string,
  text: string,
  least: number,
  most: number,
) {
  const value = number(command, option, text, least, most);
  if (!Number.isInteger(value))
    throw new UsageError(`--${option} takes a whole number, not "${text}".`, command);
  return value;
}

export function number(command: string, option: string, text: string, least: number, most: number) {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(
      `--${option} takes a number from ${least} to ${most}, not "${text}".`,
      command,
    );
  return value;
}
