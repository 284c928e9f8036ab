#compdef jailctl
# Completion of jailctl for zsh: eval "$(jailctl completion zsh)" after compinit, or as the file
# _jailctl in a directory of $fpath.
#
# The program is asked at each cursor, so that this file can't be older than it. Its answer: a line
# with what else to complete (none, files, directories), and a line for each candidate, with its
# description after a tab.
_jailctl() {
  local line value
  local -a answer plain open
  answer=("${(@f)$("${(Q)words[1]}" complete zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${(@)answer[2,-1]}"; do
    value=${${line%%$'\t'*}//:/\\:}
    [[ $line == *$'\t'* ]] && line="$value:${line#*$'\t'}" || line=$value
    # The limit or the user comes next.
    if [[ $value == *[=/] ]]; then open+=("$line"); else plain+=("$line"); fi
  done
  (( $#plain )) && _describe jailctl plain
  (( $#open )) && _describe jailctl open -S ''
  case ${answer[1]} in
    files) compset -P '--*='; _files ;;
    directories) compset -P '--*='; _files -/ ;;
  esac
}
if [[ ${funcstack[1]} == _jailctl ]]; then _jailctl "$@"; else compdef _jailctl jailctl; fi
