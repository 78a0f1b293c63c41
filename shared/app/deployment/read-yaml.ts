import { parse } from 'yaml';
import { makeMemory } from './remembered.js';

const read = makeMemory<unknown>();

/** What a file of the project says. @throws {Error} for what is no YAML */
export const readYaml = (text: string): unknown => read(text, () => parse(text));
