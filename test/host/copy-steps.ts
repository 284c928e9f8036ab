// Runs in a throwaway host: makes copies, as the steps say that it reads as JSON from its standard
// input, all in one process.
import { readFileSync } from 'node:fs';
import { copyFile } from '../../src/host/place.ts';
import type { Step } from '../../src/model/step.ts';

const steps = JSON.parse(readFileSync(0, 'utf8')) as readonly Extract<Step, { op: 'copyFile' }>[];
for (const step of steps) copyFile(step);
