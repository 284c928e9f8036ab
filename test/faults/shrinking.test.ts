import { cutEverywhere } from './cut-everywhere.ts';

cutEverywhere(['grow', 'shrink', 'destroy']);
