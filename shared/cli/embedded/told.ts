/** What Leasehold tells the world, for who looks on: a line each, and whole in a folder that `leasehold open` reads from. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolders } from '../../loopback/keep/folder.js';
import type { Heard } from './outbox.js';

/** Fewer than any file system takes. */
const MAX_NAME = 200;

/**
 * Returns who listens. An event is kept under its contract and its id, so one that is told again takes its own place. What is secret
 * in it is sealed.
 */
export function tellTo(say: (line: string) => void, folder?: string): (event: object) => void {
  return (event) => {
    const { id, type, subject } = event as Heard;
    // A refused event is told of under whatever it named, and lines are read by shells.
    const about = `  ${plain(subject)}: ${plain(type)}`;
    if (folder === undefined) return say(about);
    const file = join(folder, `${`${plain(subject)}.${plain(id)}`.slice(0, MAX_NAME)}.json`);
    try {
      makeFolders(resolve(folder));
      writeFileSync(file, `${JSON.stringify(event, null, 2)}\n`);
      say(`${about}  ${file}`);
    } catch (error) {
      say(`${about}  not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

const plain = (text: unknown): string => String(text).replace(/[^A-Za-z0-9._-]/g, '_');
