import { helpOption, verbs, type Verb } from './verbs.ts';

const wrongUsage = 'wrong usage or configuration';

/** Of all commands; each says more exactly what it means by them. */
const allExits: Verb['exits'] = {
  1: "a service loops, a brake can't work, or a sink was not told",
  3: "systemd or the journal can't be reached",
};

export function helpText(verb: Verb | undefined): string {
  return verb === undefined ? generalHelp() : verbHelp(verb);
}

function generalHelp(): string {
  const width = Math.max(...verbs.map((verb) => synopsis(verb).length));
  const rows = verbs.map((verb) => `  ${synopsis(verb).padEnd(width)}  ${verb.does}`);
  return [
    'flapd notices when a systemd service is caught in a restart loop, and says so once, with its numbers.',
    '',
    'Commands:',
    ...rows,
    '',
    '`flapd COMMAND --help` shows the options of a command; `flapd --version` the version.',
    exitCodes(allExits),
    '',
  ].join('\n');
}

function verbHelp(verb: Verb): string {
  const shown = [...verb.options, helpOption].map((option) => ({
    left: `${option.short === undefined ? '' : `-${option.short}, `}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`,
    right: option.does,
  }));
  const width = Math.max(...shown.map(({ left }) => left.length));
  const rows = shown.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`);
  return [
    `Usage: flapd ${synopsis(verb)} [OPTIONS]`,
    '',
    `${verb.does[0]?.toUpperCase()}${verb.does.slice(1)}.`,
    '',
    ...rows,
    '',
    exitCodes(verb.exits),
    '',
  ].join('\n');
}

function exitCodes(exits: Verb['exits']): string {
  const meanings = Object.entries({ 0: 'fine', 2: wrongUsage, ...exits });
  return `Exit codes: ${meanings.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}.`;
}

function synopsis(verb: Verb): string {
  return verb.operands === undefined ? verb.name : `${verb.name} ${verb.operands}`;
}
