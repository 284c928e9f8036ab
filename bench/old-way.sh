#!/bin/sh
# A Python jail the old way: Jailkit's programs, called as scripts around them do, a user after the
# other, each with a rule of its own, for IPv4 only. To compare with; nobody should use it.
#   old-way.sh create USERS FILE...   the jail /old with python3 and these, and old1 to oldUSERS
#   old-way.sh grow NUMBER            oldNUMBER comes
#   old-way.sh upgrade                what changed on the host is copied again
#   old-way.sh destroy USERS          all that away
set -eu

jail=/old

add_user() { # number
  useradd --create-home "old$1"
  jk_jailuser -n -m -j "$jail" -s /bin/sh "old$1"
  iptables -A OUTPUT -m owner --uid-owner "old$1" -j REJECT
}

remove_user() { # number
  iptables -D OUTPUT -m owner --uid-owner "old$1" -j REJECT
  userdel --remove "old$1"
}

for_each() { # what to do, users
  number=1
  while [ "$number" -le "$2" ]; do
    "$1" "$number"
    number=$((number + 1))
  done
}

case $1 in
  create)
    users=$2
    shift 2
    mkdir "$jail"
    # Short flags: of the long ones, Jailkit 2.23 does not take the value.
    jk_init -j "$jail" uidbasics jk_lsh
    jk_cp -j "$jail" /bin/sh python3 "$@"
    for_each add_user "$users"
    ;;
  grow) add_user "$2" ;;
  upgrade) jk_update -j "$jail" ;;
  destroy)
    for_each remove_user "$2"
    rm -r "$jail"
    ;;
esac
