import { expect, test } from 'vitest';
import { ledgerTable } from './ledger-table.ts';

test('the ledger adds up what test files have counted, and says what was not run', () => {
  const text = [
    { row: 'attacks', counts: { attacks: 1000, 'canaries changed': 0, operations: 2 } },
    { row: 'attacks', counts: { attacks: 500, 'canaries changed': 1, operations: 1 } },
    { row: 'kills', counts: { points: 3, broken: 0, converged: 1, destroyed: 2 } },
  ];
  const table = ledgerTable(text.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  expect(table.split('\n').slice(2, -1)).toEqual([
    '  killed at a system call              3 points / 1 converged / 2 destroyed / 0 broken',
    '  a system call fails                  not run',
    '  others change the host too           not run',
    '! hostile tenants                      1,500 attacks / 3 operations / 1 canaries changed',
    '  signals, closed terminals and pipes  not run',
  ]);
});
