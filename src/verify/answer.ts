/** The host hears the probe program as well: so its language is of the model. */
export { type Answer, noOutcome, parseAnswer } from '../model/probe-answer.ts';
