import { afterAll, beforeAll } from 'vitest';
import { describeAnswer } from './commands/answer.js';
import { describeBuilt } from './commands/built.js';
import { describeEvidence } from './commands/evidence.js';
import { describeInvoke } from './commands/invoke.js';
import { describeKeygen } from './commands/keygen.js';
import { describeList } from './commands/list.js';
import { describeNoUse } from './commands/no-use.js';
import { describePlan } from './commands/plan.js';
import { describePost } from './commands/post.js';
import { describeProvisioning } from './commands/provisioning.js';
import { describeReconcile } from './commands/reconcile.js';
import { describeRevoke } from './commands/revoke.js';
import { endStage, startStage } from './commands/stage.js';

// One cloud for all commands, in this order: what is tried of one goes on from what those before it have left.
beforeAll(startStage, 60_000);
afterAll(endStage);

describeBuilt();
describeKeygen();
describeAnswer();
describeNoUse();
describeList();
describePost();
describePlan();
describeEvidence();
describeReconcile();
describeInvoke();
describeProvisioning();
describeRevoke();
