/** A line of each file that jailctl writes into a directory of others: it marks the file as its own. */
export const ownHeader = '# Written by jailctl. Changes made here are undone by its next apply.';
