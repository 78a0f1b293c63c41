/** What the components of `s.yaml` read, by file name. Pure. */
import type { Deployment } from '../../domain/deployment.js';
import { RENDERED } from './deployment.js';

/** As `s.yaml` names them, below the folder that it names them in. */
export const renderedFiles = ({ steps }: Deployment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    steps.flatMap((step) => {
      switch (step.kind) {
        case 'stack':
          // Without white space: older clients of Resource Orchestration send it in the address.
          return [[below(step.file), `${JSON.stringify(step.toDeploy.template)}\n`]];
        case 'flow':
          return [[below(step.file), step.toDeploy.definition]];
        default:
          return [];
      }
    }),
  );

const below = (file: string): string => file.slice(RENDERED.length);
