import { printable } from '../app/printable.js';
import type { Reason } from '../domain/fact.js';

/** One line: `TOO_LONG at /data/lease: …`. */
export const reasonText = ({ code, pointer, message }: Reason): string =>
  printable(`${code} at ${pointer || '/'}: ${message}`);
