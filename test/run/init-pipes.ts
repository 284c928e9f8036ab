/**
 * Python: the pipes between process 1 of a run and whoever started it. In the child, `to_process_1`
 * makes them its descriptors 3 and 4, as an OCI runtime would, and closes all others.
 */
export const initPipes = `
status, status_end = os.pipe()
lifeline_end, lifeline = os.pipe()
def to_process_1():
    os.dup2(lifeline_end, 14); os.dup2(status_end, 13)
    os.dup2(13, 3); os.dup2(14, 4)
    os.closerange(5, 20)
`;
