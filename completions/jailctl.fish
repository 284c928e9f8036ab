# Completion of jailctl for fish: jailctl completion fish | source, or as the file jailctl.fish in
# ~/.config/fish/completions.
#
# The program is asked at each cursor, so that this file can't be older than it. Its answer: a line
# with what else to complete (none, files, directories), and a line for each candidate, with its
# description after a tab.
function __jailctl_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  set -l word (commandline --cut-at-cursor --current-token)
  set -l answer ($words[1] complete fish -- $words[2..-1] "$word" 2>/dev/null)
  for line in $answer[2..-1]
    echo $line
  end
  switch "$answer[1]"
    case files
      __fish_complete_path "$word"
    case directories
      __fish_complete_directories "$word" ""
  end
end
complete --command jailctl --no-files --arguments '(__jailctl_complete)'
