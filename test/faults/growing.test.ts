import { cutEverywhere } from './cut-everywhere.ts';

cutEverywhere(['create', 'update']);
