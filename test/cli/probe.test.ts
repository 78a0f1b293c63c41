import { describe, expect, it } from 'vitest';
import { printProbe, readProbeOrder, runProbe } from '../../shared/cli/probe.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { deploymentWith } from '../support/deployments.js';
import { PARTNER } from '../support/requests.js';

describe('what a probe is to grant', () => {
  it.each([
    ['to nobody', {}, '--grantee'],
    ['to what is no account', { grantee: '12' }, '16-digit'],
    ['what is no JSON', { grantee: PARTNER, grant: '{x' }, '--grant is not JSON'],
  ])('is refused in plain words: %s', (_, choice, words) => {
    expect(() => readProbeOrder(choice)).toThrow(words);
  });

  it('is told to be missing where nothing is found that could be', async () => {
    const products = { call: async () => ({ outcome: 'denied', code: 'NoPermission' }) };
    const ports = { products } as unknown as Ports;
    const surroundings = { deployment: deploymentWith(), connection: {} as never, ports };
    expect(await runProbe({ grantee: PARTNER }, surroundings)).toMatchObject({
      isGranted: false,
      left: [],
      findings: [{ code: 'PROBE_NOTHING_TO_GRANT', severity: 'warning' }],
    });
  });
});

describe('what is printed of a probe', () => {
  const contractId = 'doctor-1' as never;
  it('says whether it granted, what was seen and what is left', () => {
    const seen = { secondsToGrant: 3, secondsToDeny: 0.1, secondsToEnd: 4 };
    const granted = printProbe({ contractId, isGranted: true, ...seen, left: [], findings: [] });
    expect(granted).toMatch(/^probe doctor-1: granted\n {2}time to grant {2}3 s\n {2}time to deny {3}0.1 s,/);
    expect(granted).toContain('time to end    4 s');
    expect(granted).toContain('left behind    nothing but');
    const not = printProbe({ contractId, isGranted: false, left: ['role x', 'policy y'], findings: [] });
    expect(not).toMatch(/^probe doctor-1: NOT granted\n {2}time to grant {2}not seen\n/);
    expect(not).toContain('left behind    role x, policy y');
  });
});
