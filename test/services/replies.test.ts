import { describe, expect, it } from 'vitest';
import { idsIn } from '../../shared/services/replies.js';

describe('ids in a reply', () => {
  it('are told once each, in their order', () => {
    expect(idsIn([{ Id: 'b' }, { Id: 'a' }, { Id: 'b' }], 'Id')).toEqual(['b', 'a']);
  });

  it('are none where there is no text under the name', () => {
    expect(idsIn([{ Id: '' }, { Id: 7 }, { Other: 'a' }, 'a', null], 'Id')).toEqual([]);
  });

  it('are none in what is no list', () => {
    for (const value of [undefined, null, { Id: 'a' }, 'a']) expect(idsIn(value, 'Id')).toEqual([]);
  });
});
