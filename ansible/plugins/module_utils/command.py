# SPDX-License-Identifier: MIT
"""Runs jailctl and reads the JSON that it prints."""

import json
import os

FORMAT_MAJOR = '1'


class JailctlError(Exception):
    """What jailctl said when it failed: the document of its schema `error`."""

    def __init__(self, document):
        super().__init__(document['message'])
        self.document = document


def error_of(message, exit_code, hint=None, diagnostics=()):
    document = {'message': message, 'exit_code': exit_code, 'diagnostics': list(diagnostics)}
    return JailctlError(dict(document, hint=hint) if hint else document)


class Jailctl:
    """Runs jailctl and reads what it prints."""

    def __init__(self, module):
        self.module = module
        name = module.params['executable']
        # What this task does not say is not said: JAILCTL_DESTROY_DATA on the host is no yes.
        for variable in [one for one in os.environ if one.startswith('JAILCTL_')]:
            del os.environ[variable]
        self.executable = module.get_bin_path(name)
        if self.executable is None:
            hint = 'install it: the role jailctl.jailctl.jailctl does'
            raise error_of('the host has no %s' % name, 7, hint)

    def run(self, *args):
        """Gives the documents that jailctl printed, and the error where it failed."""
        code, out, err = self.module.run_command([self.executable, *args, '--json'])
        documents = parse_documents(out)
        if documents and documents[-1].get('type') == 'error':
            return documents[:-1], JailctlError(documents[-1])
        if code != 0 or not documents:
            said = (err.strip() or out.strip())[-2000:]
            words = '%s ended with exit code %d, and did not say why in JSON: %s'
            return documents, error_of(words % (self.executable, code, said), code or 1)
        return documents, None

    def plan(self, *args):
        documents, error = self.run('plan', *args)
        if error:
            raise error
        plan = documents[0]
        version = plan.get('format_version', 'none')
        if version.split('.')[0] != FORMAT_MAJOR:
            words = 'jailctl printed a plan of version %s, and this module reads version %s'
            hint = 'take the collection that comes with the jailctl of this host'
            raise error_of(words % (version, FORMAT_MAJOR), 1, hint)
        return plan


def parse_documents(text):
    """One document over several lines, or one on each line, up to what is neither."""
    try:
        return [json.loads(text)]
    except ValueError:
        pass
    documents = []
    for line in text.splitlines():
        try:
            documents.append(json.loads(line))
        except ValueError:
            break
    return documents


def message_of(document, content_file):
    """Everything that jailctl said about its failure, as text."""
    lines = [document['message']]
    lines += ['  because: ' + cause for cause in document.get('causes', [])]
    for one in document['diagnostics']:
        place = ''
        if 'file' in one:
            name = 'content' if one['file'] == content_file else one['file']
            place = '%s:%d:%d: ' % (name, one['line'], one['column'])
        lines.append(place + one['message'])
        if 'hint' in one:
            lines.append('  hint: ' + one['hint'])
    if 'hint' in document:
        lines.append('hint: ' + document['hint'])
    return '\n'.join(lines)
