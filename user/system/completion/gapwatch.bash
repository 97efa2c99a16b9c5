# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# Completion of gapwatch's commands, options and arguments in bash.

_gapwatch_words() { mapfile -t COMPREPLY < <(compgen -W "$*" -- "$word"); }
_gapwatch_files() { compopt -o default; }
_gapwatch_nothing() { COMPREPLY=(); }
_gapwatch_interfaces() {
    mapfile -t COMPREPLY < <(compgen -W "any $(cd /sys/class/net 2>/dev/null && echo *)" -- "$word")
}

# Completes the argument of the option before; fails when it takes none.
_gapwatch_argument() {
    case "$1 $2" in
@completion_arguments
    *) return 1 ;;
    esac
}

_gapwatch_options() {
    case $1 in
@completion_options
    esac
}

_gapwatch() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}

    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _gapwatch_words @commands@ --help --version
    elif _gapwatch_argument "$command" "$previous"; then
        :
    elif [[ $word == -* ]]; then
        _gapwatch_options "$command"
    elif [ "$command" = capture ]; then
        _gapwatch_interfaces
    else
        _gapwatch_files
    fi
}

complete -F _gapwatch gapwatch
