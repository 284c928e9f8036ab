import { packageOfTool, toolsOfAChange, toolsOfRuns } from '../../model/host-tools.ts';
import type { Check } from '../check.ts';
import { finding } from '../check.ts';

/** Programs of the host that jailctl calls. */
export const toolsCheck: Check = {
  id: 'host-tools',
  title: 'programs that jailctl calls',
  examine: ({ reader }) => {
    const missing = [...toolsOfAChange, ...toolsOfRuns].filter(
      (tool) => reader.which(tool) === undefined,
    );
    if (missing.length === 0) return [];
    const packages = [...new Set(missing.map((tool) => packageOfTool[tool] ?? tool))];
    return [
      finding('problem', `the host has no ${missing.join(', ')}`, [
        {
          does: `installs what the manifest needs (${packages.join(', ')})`,
          command: 'jailctl setup',
        },
      ]),
    ];
  },
};
