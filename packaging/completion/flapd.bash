# bash completion for flapd(8). Written by `npm run schema`.
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
  done < <(systemctl "$@" list-units --all --plain --no-legend --no-pager --type=service 2>/dev/null)
}

_flapd_sinks() {
  local sinks
  mapfile -t sinks < <(sed -n '/^sinks:/,/^[^ #]/s/^  \([A-Za-z0-9_-]*\):.*/\1/p' /etc/flapd/flapd.yaml 2>/dev/null)
  _flapd_words "${sinks[@]}"
}

_flapd_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_flapd() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options=() user=()
  COMPREPLY=()
  [[ " ${COMP_WORDS[*]} " != *' --user '* ]] || user=(--user)
  if ((COMP_CWORD == 1)); then
    _flapd_words run status explain trace history advise replay apply revert silence unsilence notify-test check lint --help --version
    return
  fi
  case ${COMP_WORDS[1]} in
    run)
      case $prev in
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
        --log-level) _flapd_words debug info warn error; return ;;
      esac
      options=(--config --user --bus --log-level --help)
      if [[ $cur != -* ]]; then :; return; fi ;;
    status)
      case $prev in
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--all --json --watch --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    explain)
      case $prev in
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--json --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    trace)
      case $prev in
        --for) :; return ;;
        --wait) :; return ;;
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--for --wait --json --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    history)
      case $prev in
        --since) :; return ;;
        --config) _flapd_files -d; return ;;
      esac
      options=(--since --json --config --user --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    advise)
      case $prev in
        --since) :; return ;;
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--print --since --json --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    replay)
      case $prev in
        --since) :; return ;;
        --directory | -D) _flapd_files -d; return ;;
        --config) _flapd_files -d; return ;;
      esac
      options=(--since --directory --json --config --user --help)
      if [[ $cur != -* ]]; then _flapd_files -f; return; fi ;;
    apply)
      case $prev in
        --since) :; return ;;
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--dry-run --runtime --persistent --since --json --config --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    revert)
      case $prev in
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--all --dry-run --json --config --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    silence)
      case $prev in
        --for) :; return ;;
        --reason) :; return ;;
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--for --reason --json --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    unsilence)
      case $prev in
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--all --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    notify-test)
      case $prev in
        --config) _flapd_files -d; return ;;
      esac
      options=(--json --config --help)
      if [[ $cur != -* ]]; then _flapd_sinks; return; fi ;;
    check)
      case $prev in
        --unit) _flapd_units "${user[@]}"; return ;;
        --bus) :; return ;;
      esac
      options=(--unit --json --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_files -f; return; fi ;;
    lint)
      case $prev in
        --severity) _flapd_words debug info warn error; return ;;
        --since) :; return ;;
        --config) _flapd_files -d; return ;;
        --bus) :; return ;;
      esac
      options=(--severity --since --json --config --user --bus --help)
      if [[ $cur != -* ]]; then _flapd_units "${user[@]}"; return; fi ;;
    *) return ;;
  esac
  _flapd_words "${options[@]}"
}
complete -F _flapd flapd
