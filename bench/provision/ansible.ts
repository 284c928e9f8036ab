import { writeFileSync } from 'node:fs';
import { workDirectory } from '../native.ts';
import { type Argv, meterProgram } from '../program.ts';
import { type Cycle, record } from './cycle.ts';

const who = 'Ansible';
const playbook = `${workDirectory}/playbook.yml`;
const firstUid = 90_001;

/**
 * Users, and a rule for each and both families, by Ansible's own modules. It has none that makes a
 * jail. The rules go first, and come first, as jailctl's do. Facts, which it does not need, are not
 * gathered.
 */
const text = `
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.iptables:
        chain: OUTPUT
        ip_version: "{{ item.0 }}"
        uid_owner: "{{ ${firstUid - 1} + item.1 }}"
        jump: REJECT
        state: "{{ state }}"
      loop: "{{ ['ipv4', 'ipv6'] | product(range(1, users | int + 1)) | list }}"
    - ansible.builtin.user:
        name: "ansible{{ item }}"
        uid: "{{ ${firstUid - 1} + item }}"
        shell: /usr/sbin/nologin
        state: "{{ state }}"
        remove: true
      loop: "{{ range(1, users | int + 1) | list }}"
`;

function playArgv(users: number, state: 'present' | 'absent', ...flags: readonly string[]): Argv {
  const variables = JSON.stringify({
    users,
    state,
    ansible_connection: 'local',
    ansible_python_interpreter: '/usr/bin/python3',
  });
  const inventory = ['--inventory', 'localhost,'];
  return ['ansible-playbook', ...flags, ...inventory, '--extra-vars', variables, playbook];
}

/** Of one jail: its users and rules, without its tree. */
export function ansibleCycle(users: number): Cycle {
  return {
    who,
    run: async (recorder) => {
      writeFileSync(playbook, text);
      const present = (users: number, ...flags: readonly string[]) =>
        meterProgram(playArgv(users, 'present', ...flags));
      await record(recorder, who, 'create', () => present(users));
      await record(recorder, who, 'plan', () => present(users, '--check'));
      await record(recorder, who, 'apply', () => present(users));
      await record(recorder, who, 'grow', () => present(users + 1));
      const absent = playArgv(users + 1, 'absent');
      await record(recorder, who, 'destroy', () => meterProgram(absent));
    },
  };
}
