import { helpOption, type Option, type Verb, verbs } from '../src/cli/verbs.ts';
import { logLevels } from '../src/kit/log-line.ts';

/** What can stand where a placeholder of the help does. */
type Kind = 'unit' | 'sink' | 'folder' | 'file' | 'level' | 'nothing';

const kindOf: Readonly<Record<string, Kind>> = {
  UNIT: 'unit',
  NAME: 'unit',
  SINK: 'sink',
  DIR: 'folder',
  FILE: 'file',
  LEVEL: 'level',
};

/** `[DIR|FILE…]` is a file: whoever completes files is shown folders too. */
function kindOfPlaceholder(text: string | undefined): Kind {
  const words = text?.match(/[A-Z]+/g) ?? [];
  const kinds = words.map((word) => kindOf[word] ?? 'nothing');
  return kinds.includes('file') ? 'file' : (kinds[0] ?? 'nothing');
}

const optionsOf = (verb: Verb): readonly Option[] => [...verb.options, helpOption];
const namesOf = (option: Option): readonly string[] => [
  `--${option.name}`,
  ...(option.short === undefined ? [] : [`-${option.short}`]),
];
const written = 'Written by `npm run schema`.';

/** Services that systemd has loaded; a session's own with `--user`. */
const listUnits = 'list-units --all --plain --no-legend --no-pager --type=service';
/** The names below `sinks:`, from the file as it is usually written. */
const listSinks = `sed -n '/^sinks:/,/^[^ #]/s/^  \\([A-Za-z0-9_-]*\\):.*/\\1/p' /etc/flapd/flapd.yaml 2>/dev/null`;

export function bashCompletion(): string {
  const filled: Readonly<Record<Kind, string>> = {
    unit: '_flapd_units "${user[@]}"',
    sink: '_flapd_sinks',
    folder: '_flapd_files -d',
    file: '_flapd_files -f',
    level: `_flapd_words ${logLevels.join(' ')}`,
    nothing: ':',
  };
  const cases = verbs.map((verb) => {
    const values = optionsOf(verb).filter(({ value }) => value !== undefined);
    return [
      `    ${verb.name})`,
      ...(values.length === 0
        ? []
        : [
            '      case $prev in',
            ...values.map(
              (option) =>
                `        ${namesOf(option).join(' | ')}) ${filled[kindOfPlaceholder(option.value)]}; return ;;`,
            ),
            '      esac',
          ]),
      `      options=(${optionsOf(verb)
        .map(({ name }) => `--${name}`)
        .join(' ')})`,
      `      if [[ $cur != -* ]]; then ${filled[kindOfPlaceholder(verb.operands)]}; return; fi ;;`,
    ].join('\n');
  });
  return `# bash completion for flapd(8). ${written}
_flapd_words() {
  local word
  for word; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("$word")
  done
}

_flapd_units() {
  local unit
  # A name may have a backslash.
  while read -r unit _; do
    [[ $unit != "$cur"* ]] || COMPREPLY+=("$(printf %q "$unit")")
  done < <(systemctl "$@" ${listUnits} 2>/dev/null)
}

_flapd_sinks() {
  local sinks
  mapfile -t sinks < <(${listSinks})
  _flapd_words "\${sinks[@]}"
}

_flapd_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_flapd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} options=() user=()
  COMPREPLY=()
  [[ " \${COMP_WORDS[*]} " != *' --user '* ]] || user=(--user)
  if ((COMP_CWORD == 1)); then
    _flapd_words ${[...verbs.map(({ name }) => name), '--help', '--version'].join(' ')}
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) return ;;
  esac
  _flapd_words "\${options[@]}"
}
complete -F _flapd flapd
`;
}

export function zshCompletion(): string {
  const actions: Readonly<Record<Kind, string>> = {
    unit: '_flapd_units',
    sink: '_flapd_sinks',
    folder: '_files -/',
    file: '_files',
    level: `(${logLevels.join(' ')})`,
    nothing: ' ',
  };
  const spec = (option: Option): string => {
    const does = option.does.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
    const value =
      option.value === undefined ? '' : `:${option.value}:${actions[kindOfPlaceholder(option.value)]}`;
    const names = namesOf(option);
    const all = names.length > 1 ? `{${names.join(',')}}` : names[0];
    return `        ${names.length > 1 ? `'(${names.join(' ')})'` : ''}${all}${zshQuoted(`[${does}]${value}`)}`;
  };
  const cases = verbs.map((verb) => {
    const operands =
      verb.operands === undefined
        ? []
        : [
            `        ${zshQuoted(`*:${verb.operands.replaceAll(/[[\]…]/g, '')}:${actions[kindOfPlaceholder(verb.operands)]}`)}`,
          ];
    const lines = [...optionsOf(verb).map(spec), ...operands];
    return `    ${verb.name})\n      _arguments -s -S \\\n${lines.join(' \\\n')} ;;`;
  });
  return `#compdef flapd
# zsh completion for flapd(8). ${written}

_flapd_units() {
  local -a user units
  (( \${words[(I)--user]} )) && user=(--user)
  units=(\${(f)"$(systemctl $user ${listUnits} 2>/dev/null)"})
  compadd - \${(@)units%% *}
}

_flapd_sinks() {
  compadd - \${(f)"$(${listSinks})"}
}

_flapd() {
  local curcontext=$curcontext
  if (( CURRENT == 2 )); then
    local -a commands=(
${verbs.map(({ name, does }) => `      ${zshQuoted(`${name}:${does}`)}`).join('\n')}
    )
    _describe command commands
    _arguments '--help[show all commands]' '--version[show the version]'
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}

_flapd "$@"
`;
}

export function fishCompletion(): string {
  const filled: Readonly<Record<Kind, string>> = {
    unit: `-xa '(__flapd_units)'`,
    sink: `-xa '(__flapd_sinks)'`,
    folder: `-xa '(__fish_complete_directories)'`,
    file: '-rF',
    level: `-xa '${logLevels.join(' ')}'`,
    nothing: '-x',
  };
  const lines = verbs.flatMap((verb) => {
    const seen = `-n '__fish_seen_subcommand_from ${verb.name}'`;
    const operand = kindOfPlaceholder(verb.operands);
    return [
      '',
      `complete -c flapd -n __fish_use_subcommand -a ${verb.name} -d ${fishQuoted(verb.does)}`,
      ...(operand === 'nothing'
        ? []
        : [`complete -c flapd ${seen} ${operand === 'file' ? '-F' : filled[operand].replace('-x', '-f')}`]),
      ...optionsOf(verb).map((option) => {
        const short = option.short === undefined ? '' : ` -s ${option.short}`;
        const value = option.value === undefined ? '' : ` ${filled[kindOfPlaceholder(option.value)]}`;
        return `complete -c flapd ${seen}${short} -l ${option.name}${value} -d ${fishQuoted(option.does)}`;
      }),
    ];
  });
  return `# fish completion for flapd(8). ${written}
function __flapd_units
    set -l user
    contains -- --user (commandline -opc); and set user --user
    systemctl $user ${listUnits} 2>/dev/null | string replace -r ' .*' ''
end

function __flapd_sinks
    ${listSinks}
end

complete -c flapd -f
complete -c flapd -n __fish_use_subcommand -l help -d 'show all commands'
complete -c flapd -n __fish_use_subcommand -l version -d 'show the version'
${lines.join('\n').trimStart()}
`;
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
