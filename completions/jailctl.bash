# Completion of jailctl for bash: eval "$(jailctl completion bash)", or as the file jailctl in
# ~/.local/share/bash-completion/completions.
#
# The program is asked at each cursor, so that this file can't be older than it. Its answer: a line
# with what else to complete (none, files, directories), and a line for each candidate, with its
# description after a tab.
_jailctl() {
  local word=${COMP_WORDS[COMP_CWORD]} line
  local -a answer=()
  # bash breaks words at these, as in --file=name.
  [[ $word == [=:] ]] && word=
  mapfile -t answer < <(
    "${COMP_WORDS[0]}" complete bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
  )
  COMPREPLY=()
  for line in "${answer[@]:1}"; do COMPREPLY+=("${line%%$'\t'*}"); done
  case ${answer[0]-} in
    files)
      compopt -o filenames
      mapfile -O "${#COMPREPLY[@]}" -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    directories)
      compopt -o filenames
      mapfile -O "${#COMPREPLY[@]}" -t COMPREPLY < <(compgen -d -- "$word")
      ;;
  esac
  # The limit or the user comes next.
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace
  return 0
}
complete -F _jailctl jailctl
