import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tellTo } from '../../shared/cli/embedded/told.js';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'leasehold-told-')), 'events');
  said = [];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
const say = (line: string) => void said.push(line);
const event = {
  id: 'lh-c-1-3-granted',
  type: 'partner.access.granted',
  subject: 'C-1',
  data: { sealed: [{ about: 'x', jwe: 'y' }] },
};

describe('an event that is told', () => {
  it('is a line, and whole in a file of its own, which is its own again when it is told again', () => {
    const hear = tellTo(say, folder);
    hear(event);
    hear(event);
    const file = join(folder, 'C-1.lh-c-1-3-granted.json');
    expect(said).toEqual(Array(2).fill(`  C-1: partner.access.granted  ${file}`));
    expect(readdirSync(folder)).toEqual(['C-1.lh-c-1-3-granted.json']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(event);
  });

  it('is a line alone without a folder', () => {
    tellTo(say)(event);
    expect(said).toEqual(['  C-1: partner.access.granted']);
  });

  it('leads out of no folder and says nothing to a shell, whatever it is about', () => {
    const hear = tellTo(say, folder);
    hear({ ...event, subject: '../../$(id)\nexport PATH=x' });
    hear({ ...event, subject: 'x'.repeat(1_000) });
    expect(readdirSync(folder)).toHaveLength(2);
    expect(said.join('')).not.toMatch(/\n|\$|export PATH=/);
  });

  it('is told also when it cannot be kept', () => {
    tellTo(say, '/dev/null/events')(event);
    expect(said.join()).toMatch(/^ {2}C-1: partner\.access\.granted {2}not kept: E/);
  });
});
