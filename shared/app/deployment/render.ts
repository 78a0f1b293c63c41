/** Fills the placeholders of flows, triggers and roles; one renderer for deployment and embedded cloud alike. Pure. */
import type { DeploymentValues } from '../../domain/deployment.js';
import { InvalidRequestError } from '../../domain/errors.js';

const PLACEHOLDER = /\$\{([A-Za-z]+)\}/g;

/**
 * `text` with every `${name}` filled.
 * @throws {InvalidRequestError} `BAD_CONFIG` for a placeholder that is none of ours
 */
export function render(text: string, values: DeploymentValues): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = (values as unknown as Readonly<Record<string, string>>)[name];
    if (value === undefined || !Object.hasOwn(values, name)) {
      throw new InvalidRequestError('BAD_CONFIG', `nothing is known to put in place of ${placeholder}`);
    }
    return value;
  });
}
