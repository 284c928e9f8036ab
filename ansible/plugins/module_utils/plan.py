# SPDX-License-Identifier: MIT
"""What a plan of jailctl says, in the words of Ansible."""

from ansible_collections.jailctl.jailctl.plugins.module_utils.command import error_of

# Of the files of one jail: a new jail has more than a thousand.
DIFF_LINES_MAX = 100
HIDDEN = '(not shown)'
HIDDEN_CHANGED = '(not shown, and another value)'


def brief(change):
    return {key: change[key] for key in ('address', 'jail', 'action', 'reasons') if key in change}


def hide_environment(before, after):
    """A jail's variables may be passwords: a diff tells only that a value is another one."""
    old = (before or {}).get('env', {})
    new = (after or {}).get('env', {})
    shown = {
        name: HIDDEN if old.get(name, value) == value else HIDDEN_CHANGED
        for name, value in new.items()
    }
    return (
        before and dict(before, env=dict.fromkeys(old, HIDDEN)),
        after and dict(after, env=shown),
    )


def tree_line(node):
    """A path of a jail as a line: `/usr/bin/ls file 0755 0:0 151344 bytes`."""
    entry = node['entry']
    words = [node['path'], entry.get('what', entry['type'])]
    if 'mode' in entry:
        words.append('%04o' % entry['mode'])
    words.append('%d:%d' % (node['uid'], node['gid']))
    if 'target' in entry:
        words.append('-> ' + entry['target'])
    if 'major' in entry:
        words.append('%d, %d' % (entry['major'], entry['minor']))
    size = entry.get('size_bytes', entry.get('bytes'))
    if size is not None:
        words.append('%d bytes' % size)
    return ' '.join(words)


def tree_diff(jail, changes):
    before, after = [], []
    for change in changes[:DIFF_LINES_MAX]:
        if 'before' in change:
            before.append(tree_line(change['before']))
        if 'after' in change:
            line = tree_line(change['after'])
            # Two lines can be alike: the text of the file differs.
            updated = change['action'] == 'update'
            after.append('%s (%s)' % (line, '; '.join(change['reasons'])) if updated else line)
    more = len(changes) - DIFF_LINES_MAX
    if more > 0:
        after.append('and %d more paths that change' % more)
    header = 'tree of %s' % jail
    text = ['\n'.join(lines + ['']) if lines else '' for lines in (before, after)]
    return {'before': text[0], 'after': text[1], 'before_header': header, 'after_header': header}


def diffs_of(plan):
    """Differences for Ansible to show, in the order of the plan."""
    diffs, trees = [], {}
    for change in plan['changes']:
        if change['address'].startswith('tree/'):
            trees.setdefault(change['jail'], []).append(change)
            continue
        before, after = change.get('before'), change.get('after')
        if change['address'].startswith('jail/'):
            before, after = hide_environment(before, after)
        header = change['address']
        diffs.append({
            'before': before or '',
            'after': after or '',
            'before_header': header,
            'after_header': header,
        })
    return diffs + [tree_diff(jail, changes) for jail, changes in trees.items()]


def losses_of(plan):
    """Homes with data in them that the plan deletes."""
    deleted = [one for one in plan['changes'] if one['action'] == 'delete']
    nodes = [one['before'] for one in deleted if one['address'].startswith('tree/')]
    return [
        node['root'] + node['path']
        for node in nodes
        if node['entry']['type'] == 'doomed-home' and node['entry']['bytes'] > 0
    ]


def refuse_what_apply_refuses(plan, destroy_data):
    """So that check mode fails where the real run would, and with the same words."""
    conflicts = plan['conflicts']
    if conflicts:
        diagnostics = [
            {'code': 'conflict', 'message': one['message'], 'hint': '; '.join(one['ways_out'])}
            for one in conflicts
        ]
        count = '1 conflict' if len(conflicts) == 1 else '%d conflicts' % len(conflicts)
        raise error_of(count + ', so nothing is changed', 4, None, diagnostics)
    losses = [] if destroy_data else losses_of(plan)
    if losses:
        more = ', and %d more' % (len(losses) - 3) if len(losses) > 3 else ''
        named = ', '.join(losses[:3]) + more
        hint = 'destroy_data: true deletes it; archive keeps a copy of each home'
        raise error_of('this would delete the data in %s; so nothing is changed' % named, 4, hint)
