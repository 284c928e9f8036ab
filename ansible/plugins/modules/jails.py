#!/usr/bin/python
# SPDX-License-Identifier: MIT
"""Makes the jails of a host as a manifest says, by jailctl."""

DOCUMENTATION = r"""
module: jails
short_description: Make the jails of a host as a manifest says
version_added: 0.1.0
description:
  - Runs C(jailctl) on the host, which compares a manifest with the host and makes the changes.
  - Jails on the host that the manifest does not name are removed, unless I(jail) narrows it.
author:
  - the authors of jailctl (@jailctl)
requirements:
  - Python 3.8 or later, root, and jailctl, which the role C(jailctl.jailctl.jailctl) installs.
attributes:
  check_mode:
    description: Only C(jailctl plan) is run, which changes nothing.
    support: full
  diff_mode:
    description: >-
      The differences that the plan found. A jail's files are one difference, with a line for each
      of the first 100 paths that change. Values of environment variables are not shown.
    support: full
options:
  manifest:
    description:
      - The manifest, a path on the host. Its requirement files are found from its directory.
      - Not looked at with I(state=absent), which needs none.
    type: path
  content:
    description:
      - The text of the manifest, in place of I(manifest).
      - Requirement files in it have absolute paths on the host.
      - Not looked at with I(state=absent), which needs none.
    type: str
  state:
    description:
      - C(present) makes the jails as the manifest says.
      - >-
        C(absent) removes every jail of the host, or those that I(jail) names, with their users,
        files and rules.
    type: str
    choices: [present, absent]
    default: present
  jail:
    description:
      - Only these jails. Without it, all.
      - With I(state=absent), a jail that is not on the host is one that has gone.
    type: list
    elements: str
  destroy_data:
    description: Delete homes that are not empty. Without it, what would do so is refused.
    type: bool
    default: false
  archive:
    description: A directory on the host. Each home that is deleted is first written there.
    type: path
  executable:
    description: What starts jailctl, a path or a name that is looked up on the host.
    type: str
    default: jailctl
notes:
  - >-
    While another jailctl changes the host, this one fails, with C(exit_code) 5 and the name of the
    other. To wait for it, use C(until) and C(retries).
"""

EXAMPLES = r"""
- name: The jails of this host are those of the manifest
  jailctl.jailctl.jails:
    manifest: /etc/jailctl/jails.yaml

- name: One jail, written here; wait for another jailctl up to five minutes
  jailctl.jailctl.jails:
    content: |
      version: 1
      jails:
        web: { users: 4, tools: [python3], requirements: [/etc/jailctl/python3.txt] }
    jail: [web]
  register: jails
  until: jails.exit_code != 5
  retries: 30
  delay: 10

- name: No jail of this host is left; what users had is kept
  jailctl.jailctl.jails:
    state: absent
    destroy_data: true
    archive: /var/backups/jails
"""

RETURN = r"""
summary:
  description: How many resources the plan creates, updates and deletes.
  returned: when a plan was made
  type: dict
  sample: {create: 12, update: 1, delete: 0}
changes:
  description: >-
    What was changed; in check mode, and when the run failed before it changed anything, what would
    be.
  returned: when a plan was made
  type: list
  elements: dict
  contains:
    address:
      description: The kind of the resource, and which one it is.
      type: str
      sample: tree/web/usr/bin/ls
    jail:
      description: The jail that it belongs to. Absent for what all jails share.
      type: str
      sample: web
    action:
      description: One of C(create), C(update) and C(delete).
      type: str
      sample: update
    reasons:
      description: Why.
      type: list
      elements: str
      sample: ["mode 0700, wanted 0755"]
exit_code:
  description: >-
    How jailctl ended: C(3) for mistakes in the manifest, C(4) refused, C(5) another jailctl is at
    work, C(7) something is missing on the host, C(1) failed otherwise.
  returned: always
  type: int
  sample: 0
diagnostics:
  description: Mistakes in the manifest, with their places, or conflicts.
  returned: on failure
  type: list
  elements: dict
"""

import os
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.jailctl.jailctl.plugins.module_utils.command import (
    Jailctl,
    JailctlError,
    error_of,
    message_of,
)
from ansible_collections.jailctl.jailctl.plugins.module_utils.plan import (
    brief,
    diffs_of,
    refuse_what_apply_refuses,
)


def narrowed(jails):
    # With an equals sign: a name that begins with a dash is no flag.
    return ['--jail=' + jail for jail in jails]


def destroy_scope(jailctl, wanted):
    """Those of the jails that are still there; None for all, where none are named."""
    if wanted is None:
        return None
    plan = jailctl.plan('--destroy')
    there = {one.get('jail') for one in plan['changes'] + plan['conflicts']}
    return [jail for jail in wanted if jail in there]


def write_content(module):
    """The text of a manifest as a file that only root can read, for as long as the module runs."""
    descriptor, path = tempfile.mkstemp(dir=module.tmpdir, suffix='.yaml')
    module.add_cleanup_file(path)
    with os.fdopen(descriptor, 'w', encoding='utf-8') as file:
        file.write(module.params['content'])
    return path


class Task:
    """One run of the module. `result` holds what is known so far, also when it fails."""

    def __init__(self, module):
        self.module = module
        self.params = module.params
        nothing = {'create': 0, 'update': 0, 'delete': 0}
        self.result = {'changed': False, 'exit_code': 0, 'summary': nothing, 'changes': []}
        self.content_file = None

    def arguments(self, jailctl):
        """Those of both plan and change; None when there is nothing that could be changed."""
        params, jails = self.params, self.params['jail']
        if jails == []:
            raise error_of('jail names no jail', 3, 'name one, or leave jail out for all jails')
        args = [] if params['archive'] is None else ['--archive=' + params['archive']]
        if params['state'] == 'absent':
            jails = destroy_scope(jailctl, jails)
            if jails == []:
                return None
        else:
            if params['content'] is not None:
                self.content_file = write_content(self.module)
            args.append('--file=' + (self.content_file or params['manifest']))
        return args + narrowed(jails or [])

    def run(self):
        params = self.params
        jailctl = Jailctl(self.module)
        absent = params['state'] == 'absent'
        args = self.arguments(jailctl)
        if args is None:
            return
        plan = jailctl.plan(*(['--destroy'] if absent else []), *args)
        self.result.update(summary=plan['summary'], changes=[brief(one) for one in plan['changes']])
        for warning in plan['warnings']:
            self.module.warn(warning)
        if self.module._diff:
            self.result['diff'] = diffs_of(plan)
        refuse_what_apply_refuses(plan, params['destroy_data'])
        if self.module.check_mode or not plan['changes']:
            self.result['changed'] = bool(plan['changes'])
            return
        words = ['--destroy-data'] if params['destroy_data'] else []
        self.change(jailctl, ['destroy' if absent else 'apply', '--yes', *words, *args])

    def change(self, jailctl, args):
        events, error = jailctl.run(*args)
        applied = [one for one in events if one.get('type') == 'change_applied']
        # What was changed, and not what the plan before it said.
        planned = {one['address']: one for one in self.result['changes']}
        changes = [
            dict(planned.get(one['address'], {}), address=one['address'], action=one['action'])
            for one in applied
        ]
        if error is None or changes:
            self.result.update(changed=bool(changes), changes=changes)
        if error:
            raise error


def main():
    module = AnsibleModule(
        argument_spec={
            'manifest': {'type': 'path'},
            # It may hold passwords, in the variables of a jail.
            'content': {'type': 'str', 'no_log': True},
            'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
            'jail': {'type': 'list', 'elements': 'str'},
            'destroy_data': {'type': 'bool', 'default': False},
            'archive': {'type': 'path'},
            'executable': {'type': 'str', 'default': 'jailctl'},
        },
        mutually_exclusive=[('manifest', 'content')],
        required_if=[('state', 'present', ('manifest', 'content'), True)],
        supports_check_mode=True,
    )
    task = Task(module)
    try:
        task.run()
    except JailctlError as error:
        document = error.document
        task.result.update(
            exit_code=document['exit_code'], diagnostics=document.get('diagnostics', [])
        )
        module.fail_json(msg=message_of(document, task.content_file), **task.result)
    module.exit_json(**task.result)


if __name__ == '__main__':
    main()
