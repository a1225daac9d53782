#compdef flapd
# zsh completion for flapd(8). Written by `npm run schema`.

_flapd_units() {
  local -a user units
  (( ${words[(I)--user]} )) && user=(--user)
  units=(${(f)"$(systemctl $user list-units --all --plain --no-legend --no-pager --type=service 2>/dev/null)"})
  compadd - ${(@)units%% *}
}

_flapd_sinks() {
  compadd - ${(f)"$(sed -n '/^sinks:/,/^[^ #]/s/^  \([A-Za-z0-9_-]*\):.*/\1/p' /etc/flapd/flapd.yaml 2>/dev/null)"}
}

_flapd() {
  local curcontext=$curcontext
  if (( CURRENT == 2 )); then
    local -a commands=(
      'run:watch systemd and report restart loops; the daemon, in the foreground'
      'status:show the services that loop or are about to; exits 1 if one loops'
      'explain:say why the last run of a service died, with the proof, and what changed before; exits 1 if it loops'
      'trace:attach strace to the next run of a service, and show what it did and which calls failed before it died'
      'history:list each end of a run of a service, its incidents and what flapd did about them, from the journal'
      'advise:say what to change about the restarts of a service, and why, or why nothing; writes nothing'
      'replay:show which incidents these policies would have opened, from the journal or `journalctl -o json`'
      'apply:do what `flapd advise` says of a service, as root: guarded, verified, read back; `flapd revert` undoes it'
      'revert:take back what flapd wrote for services, and nothing else; systemd reloads once, and is read back'
      'silence:tell nobody of services under maintenance for a while, or list which ones; patterns such as web@* do'
      'unsilence:end the silence of services, or of all that fit a pattern'
      'notify-test:send a marked sample to one sink or all of them; exits 1 if one was not told'
      'check:validate the configuration; exits 2 where it has an error'
      'lint:find brakes that can'\''t work, in the unit files of every installed service; exits 1 if it finds one'
    )
    _describe command commands
    _arguments '--help[show all commands]' '--version[show the version]'
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
    run)
      _arguments -s -S \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        --log-level'[debug, info, warn or error (default\: info)]:LEVEL:(debug info warn error)' \
        '(--help -h)'{--help,-h}'[show this]' ;;
    status)
      _arguments -s -S \
        --all'[show every service that restarted or failed]' \
        --json'[print JSON\: an array of units]' \
        --watch'[keep showing it until interrupted; not on a terminal, whenever something changes]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    explain)
      _arguments -s -S \
        --json'[print JSON\: an object with last exit, evidence, causes, advice and changes]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    trace)
      _arguments -s -S \
        --for'[trace for at most so long (default\: 30s)]:SPAN: ' \
        --wait'[wait for the next start at most so long (default\: 10min)]:SPAN: ' \
        --json'[print JSON\: an object with the failed calls and the counts]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    history)
      _arguments -s -S \
        --since'[look back so far, such as 12h (default\: 7d)]:SPAN: ' \
        --json'[print JSON\: an array of exits, incidents and remedies]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    advise)
      _arguments -s -S \
        --print'[print the drop-in alone, for `systemctl edit --stdin UNIT`; exits 1 if none]' \
        --since'[look back so far, such as 12h (default\: 7d)]:SPAN: ' \
        --json'[print JSON\: the advice on one UNIT, or an array]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    replay)
      _arguments -s -S \
        --since'[look back so far, such as 12h (default\: 7d; of a FILE or DIR, all of it)]:SPAN: ' \
        '(--directory -D)'{--directory,-D}'[read the journal files in DIR]:DIR:_files -/' \
        --json'[print JSON\: an object of units and incidents]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:FILE|-:_files' ;;
    apply)
      _arguments -s -S \
        --dry-run'[go all the way, say what would be done, and write nothing; as any user]' \
        --runtime'[until the next reboot, in /run (default\: what its policy says)]' \
        --persistent'[beyond a reboot, in /etc]' \
        --since'[look back so far, such as 12h (default\: 7d)]:SPAN: ' \
        --json'[print JSON\: a remedy]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    revert)
      _arguments -s -S \
        --all'[take back all that flapd wrote on this host]' \
        --dry-run'[say what would be done, and do nothing]' \
        --json'[print JSON\: an array of remedies]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    silence)
      _arguments -s -S \
        --for'[for so long, such as 2h; at most 30d]:SPAN: ' \
        --reason'[why, for whoever sees the list]:TEXT: ' \
        --json'[print JSON\: an array of silences]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    unsilence)
      _arguments -s -S \
        --all'[end every silence]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
    notify-test)
      _arguments -s -S \
        --json'[print JSON\: an array of what came of each sink]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:SINK:_flapd_sinks' ;;
    check)
      _arguments -s -S \
        --unit'[show the policy of this unit, and where each value comes from]:NAME:_flapd_units' \
        --json'[print JSON\: an object of problems and the policy]' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:DIR|FILE:_files' ;;
    lint)
      _arguments -s -S \
        --severity'[show only what is at least so bad\: error, warning or info (default\: info)]:LEVEL:(debug info warn error)' \
        --since'[take what services did for so long into account (default\: 7d)]:SPAN: ' \
        --json'[print JSON\: an array of findings]' \
        --config'[read flapd.yaml and policies.d/*.yaml from DIR (default\: /etc/flapd)]:DIR:_files -/' \
        --user'[look at the user'\''s own service manager instead of the system'\''s]' \
        --bus'[use this D-Bus address (unix\:path=…)]:ADDRESS: ' \
        '(--help -h)'{--help,-h}'[show this]' \
        '*:UNIT:_flapd_units' ;;
  esac
}

_flapd "$@"
