// Runs in a throwaway host: carries out the edits that stand on stdin as JSON.
import { text } from 'node:stream/consumers';
import { applyAccountEdits } from '../../src/host/account-files.ts';

await applyAccountEdits(JSON.parse(await text(process.stdin)));
