/** The way out for a jail, or for its user, that was made by hand or by the old scripts. */
export const takeOver = 'or take it over, if it is a jail of this manifest: jailctl import --adopt';
