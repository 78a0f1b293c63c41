/**
 * `npm run bench`: figures, printed beside those committed last; nothing is asserted. Medians of one run, to be compared within it.
 * `-- --keep` writes them where they are committed; `-- --whole` takes the register and the crowd in full size, and nothing else.
 */

import { benchReads } from './cloud-bench.js';
import { benchPassStates } from './cloudflow-bench.js';
import { benchContract, NOT_MEASURED } from './contract-bench.js';
import { benchCosts, VERDICTS } from './cost-bench.js';
import { benchCrowd, type Crowd } from './crowd-bench.js';
import { Sheet } from './figures.js';
import { benchLife } from './life-bench.js';
import { benchPolicy } from './policy-bench.js';
import { benchLargeRegister } from './register-bench.js';
import { benchFolder, benchRegister, benchRoles } from './scale-bench.js';

const isWhole = process.argv.includes('--whole');
const sheet = new Sheet(isWhole ? 'whole' : 'bench');
const say = (what: string, figure: number): void => sheet.put(what, figure);

sheet.sayBeside();
if (isWhole) await benchWhole();
else await benchAll();
sheet.write();

async function benchWhole(): Promise<void> {
  await sayRegister(256_000);
  for (const end of ['terminated', 'expired'] as const) await sayCrowd({ partners: 1000, end });
}

async function benchAll(): Promise<void> {
  say('policy decisions a second, 20 statements, one core', benchPolicy().decisionsPerSecond);
  say('Pass states a second', (await benchPassStates()).passStatesPerSecond);
  say('RAM reads a second over HTTP, one client', await benchReads());
  for (const [where, figures] of [
    ['10,000 roles', await benchRoles()],
    ['100,000 register entries', await benchRegister()],
    ['state in a folder', await benchFolder()],
  ] as const)
    for (const [what, figure] of Object.entries(figures))
      say(`${where}: ${what}${what.endsWith('ms') ? '' : ', µs'}`, figure);
  const contract = await benchContract();
  say('one contract: state entries', contract.stateEntries);
  say('one contract: RAM writes to onboard', contract.onboardingWrites);
  say('one contract: RAM writes to revoke', contract.revocationWrites);
  for (const [how, { onboardingMs, revocationMs }] of [
    ['cold', contract.cold],
    ['warm', contract.warm],
  ] as const) {
    say(`one contract: onboarding, ${how}, ms`, onboardingMs);
    say(`one contract: revocation, ${how}, ms`, revocationMs);
  }
  const life = await benchLife();
  say("a contract's year, ms", life.yearMs);
  say('an idle tick: calls', life.idleCalls);
  say(
    `a sweep with ${life.due} due of ${life.contracts}: listings, each step's look included`,
    life.listings,
  );
  say('the same: all revoked, ms', life.sweepMs);
  for (const [what, cost] of Object.entries(await benchCosts()))
    for (const [of, count] of Object.entries(cost)) say(`${what}: ${of}`, count);
  await sayRegister(16_000);
  await sayCrowd({ partners: 60, end: 'terminated', share: 0.1 });
  await sayCrowd({ partners: 150, end: 'terminated', instances: 100, env: VERDICTS });
  console.log(`not measured: ${NOT_MEASURED}`);
}

async function sayRegister(contracts: number): Promise<void> {
  for (const [what, calls] of Object.entries(await benchLargeRegister(contracts)))
    say(`${contracts.toLocaleString('en')} contracts: calls of ${what}`, calls);
}

/** In the cloud's time. */
async function sayCrowd(crowd: Crowd): Promise<void> {
  const { granted, cut, removed, ...counts } = await benchCrowd(crowd);
  const { partners, end, share = 1, instances } = crowd;
  const among = instances === undefined ? '' : `, ${instances} functions, verdicts as deployed`;
  const of = `${partners} at once, ${end}, rates × ${share}${among}`;
  for (const [what, { took, atBest }] of Object.entries({ granted, cut, removed })) {
    say(`${of}: all ${what}, s`, took);
    say(`${of}: all ${what}, × what the rates allow at best`, Math.round((took / atBest) * 1000) / 1000);
  }
  for (const [what, count] of Object.entries(counts)) say(`${of}: ${what}`, count);
}
