/** `npm run bench`: figures, printed; nothing is asserted. Medians of one run, to be compared within it. */

import { benchReads } from './cloud-bench.js';
import { benchPassStates } from './cloudflow-bench.js';
import { benchContract, NOT_MEASURED } from './contract-bench.js';
import { benchPolicy } from './policy-bench.js';

const say = (what: string, figure: string | number): void => console.log(`${what.padEnd(58)} ${figure}`);

say(
  'policy decisions a second, 20 statements, one core',
  benchPolicy().decisionsPerSecond.toLocaleString('en'),
);
say('Pass states a second', (await benchPassStates()).passStatesPerSecond.toLocaleString('en'));
say('RAM reads a second over HTTP, one client', (await benchReads()).toLocaleString('en'));
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
say('not measured', NOT_MEASURED);
