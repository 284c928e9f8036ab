// Runs in a throwaway host: takes the lock of the account files, says so, and holds it.
import { setTimeout as sleep } from 'node:timers/promises';
import { lockAccountFiles } from '../../src/host/account-lock.ts';

await using _lock = await lockAccountFiles();
console.log('held');
await sleep(Number(process.argv[2]));
