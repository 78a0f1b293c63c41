/** `npm run bench`: figures, printed; nothing is asserted. Medians of one run, to be compared within it. */

import { benchReads } from './cloud-bench.js';
import { benchPassStates } from './cloudflow-bench.js';
import { benchContract, NOT_MEASURED } from './contract-bench.js';
import { benchLife } from './life-bench.js';
import { benchPolicy } from './policy-bench.js';
import { benchFolder, benchRegister, benchRoles } from './scale-bench.js';

const say = (what: string, figure: string | number): void => console.log(`${what.padEnd(58)} ${figure}`);

say(
  'policy decisions a second, 20 statements, one core',
  benchPolicy().decisionsPerSecond.toLocaleString('en'),
);
say('Pass states a second', (await benchPassStates()).passStatesPerSecond.toLocaleString('en'));
say('RAM reads a second over HTTP, one client', (await benchReads()).toLocaleString('en'));
for (const [where, figures] of [
  ['10,000 roles', await benchRoles()],
  ['100,000 register entries', await benchRegister()],
  ['state in a folder', await benchFolder()],
] as const)
  for (const [what, figure] of Object.entries(figures))
    say(`${where}: ${what}${what.endsWith('ms') ? '' : ', median µs'}`, figure.toLocaleString('en'));
const contract = await benchContract();
say('one contract: state entries', contract.stateEntries);
say(
  'one contract: RAM writes to onboard / to revoke',
  `${contract.onboardingWrites} / ${contract.revocationWrites}`,
);
say(
  'one contract: onboarding / revocation, cold, ms',
  `${contract.cold.onboardingMs} / ${contract.cold.revocationMs}`,
);
say(
  'one contract: onboarding / revocation, warm, median ms',
  `${contract.warm.onboardingMs} / ${contract.warm.revocationMs}`,
);
const life = await benchLife();
say("a contract's year, median ms", life.yearMs);
say('an idle tick: calls', life.idleCalls);
say(
  `a sweep with ${life.due} due of ${life.contracts.toLocaleString('en')}: listings, each step's look included`,
  life.listings,
);
say('the same: all revoked, ms', life.sweepMs);
say('not measured', NOT_MEASURED);
