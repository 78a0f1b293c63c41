import { describe, expect, it, vi } from 'vitest';
import type { EvidencePort } from '../../../shared/cloud/ports.js';
import type { Contract } from '../../../shared/domain/contract.js';
import type { ContractId } from '../../../shared/domain/values.js';
import { numberOf } from '../../support/small-cloud/cloud.js';
import { explore } from './explore.js';
import { playOf, SETTINGS } from './settings.js';

// Functions take their ports from where they are run.
vi.mock('../../../shared/compose.js', () => ({
  composePorts: ({ ports }: { readonly ports: unknown }) => ports,
}));

// The same register is read many thousand times; its objects are taken apart once, and it is folded once.
vi.mock('../../../shared/app/register/fact-object.js', async (original) => {
  const objects = await original<typeof import('../../../shared/app/register/fact-object.js')>();
  const known = new Map<string, ReturnType<typeof objects.toldBy>>();
  const toldBy: typeof objects.toldBy = (text) => {
    const told = known.get(text) ?? objects.toldBy(text);
    known.set(text, told);
    return told;
  };
  // A fact names the one before it by its hash, so that its own text tells all that stands before it.
  const texts = new Map<string, string>();
  const objectText: typeof objects.objectText = (own, before) => {
    const text = texts.get(own) ?? objects.objectText(own, before);
    texts.set(own, text);
    return text;
  };
  return { ...objects, toldBy, objectText };
});
vi.mock('../../../shared/app/register/register.js', async (original) => {
  const register = await original<typeof import('../../../shared/app/register/register.js')>();
  const folded = new Map<string, Contract>();
  const loadContract = async (id: ContractId, evidence: EvidencePort): Promise<Contract> => {
    const texts = await register.loadEntries(id, evidence);
    const key = [id, ...texts.map(numberOf)].join();
    const known = folded.get(key);
    if (known !== undefined) return known;
    const contract = register.contractOf(id, texts);
    folded.set(key, contract);
    return contract;
  };
  return { ...register, loadContract };
});

describe.each(Object.entries(SETTINGS))('%s', (name, setting) => {
  it('leaves no moment open and ends as it should, in every order', async () => {
    const from = process.cpuUsage();
    const { schedules, states, pruned, ends, wrong } = await explore(await playOf(setting));
    const seconds = process.cpuUsage(from).user / 1e6;
    console.log(
      `${name}: ${schedules} orders, by ${states} states (${pruned} ways led to one that was known) to ${ends} ends; ${seconds.toFixed(0)} s`,
    );
    expect(wrong).toEqual([]);
    expect(ends).toBeGreaterThan(1);
  }, 3_600_000);
});
