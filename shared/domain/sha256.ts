/** SHA-256 over UTF-8 text. Of all that Node.js brings, this alone is as pure as the domain. */
import { createHash } from 'node:crypto';

/** 64 lower-case hex characters. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
